/**
 * What an agent may send to mislead or to break whoever looks at it: data and schemas, as overrides of a sample.
 * Left out: what no JSON can hold (cycles, functions), which test/components/templates.test.ts sets as objects.
 */
import type { Approval } from '../../schemas/approval.ts';

const MARKUP = '<img src="https://track.example/p.png" onerror="hacked=1"><script>hacked=1</script>';
/** Right-to-left override and isolate, zero width space and joiner, a tag, soft hyphen, a lone surrogate. */
const UNSEEN = '\u202Egnp.exe\u2066\u200B\u200D\u{E0041}\u00AD\uD800';

function nested(depth: number): unknown {
  let value: unknown = 'the bottom';
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? { in: value } : [value];
  return value;
}

/** `unshown` is how many values "All data" must count as not shown above; null where the limit of facts decides. */
export type Hostile = { name: string; over: Partial<Approval>; unshown: number | null };

export const HOSTILE: readonly Hostile[] = [
  {
    name: 'markup and unseen characters in every text',
    unshown: 0,
    over: {
      action_summary: MARKUP + UNSEEN,
      reasoning: MARKUP + UNSEEN,
      flag_reason: UNSEEN,
      side_effects: [MARKUP, UNSEEN],
      if_denied: MARKUP,
      risk_factors: [UNSEEN],
      alternatives: [MARKUP],
      agent_name: UNSEEN,
      tags: [MARKUP, UNSEEN],
      task_id: UNSEEN,
      params: { [MARKUP]: MARKUP, [UNSEEN]: UNSEEN, list: [MARKUP, UNSEEN], rows: [{ [UNSEEN]: MARKUP }] },
      context: { [UNSEEN]: MARKUP },
      escalation_schema: {
        title: MARKUP + UNSEEN,
        'x-ui': { question: `${MARKUP} {/list/1}`, sections: [{ title: UNSEEN, fields: ['list'] }] },
        properties: { list: { title: UNSEEN, 'x-ui': { help: MARKUP, label: UNSEEN } } },
      },
    },
  },
  {
    name: 'addresses that mislead',
    unshown: 0,
    over: {
      params: {
        script: 'javascript:alert(1)',
        data: 'data:text/html,<script>alert(1)</script>',
        file: 'file:///etc/passwd',
        name_before: 'https://bank.example@evil.example/',
        homograph: 'https://аррӏе.example/login',
        spaced: ' javascript:alert(1)',
        broken: 'java\nscript:alert(1)',
        body_md: '[bank](https://evil.example/x) ![pixel](https://track.example/p.png) <b>x</b>',
        shown: 'read the terms',
      },
      escalation_schema: {
        properties: {
          ...Object.fromEntries(
            ['script', 'data', 'file', 'name_before', 'homograph', 'spaced', 'broken'].map((name) => [
              name,
              { format: 'uri', 'x-ui': { widget: 'link' } },
            ]),
          ),
          shown: { 'x-ui': { href: 'https://evil.example/?to={/script}' } },
        },
      },
    },
  },
  {
    name: 'pictures from elsewhere',
    unshown: 0,
    over: {
      params: {
        photo: 'https://track.example/a.png',
        logo: { name: 'Logo', url: 'https://track.example/b.svg' },
        body_md: '![x](https://track.example/c.png)',
        html: '<img src=https://track.example/d.png>',
      },
      escalation_schema: {
        properties: {
          photo: { contentMediaType: 'image/png', 'x-ui': { widget: 'image' } },
          logo: { 'x-ui': { widget: 'image' } },
          html: { contentMediaType: 'text/html' },
        },
      },
    },
  },
  {
    name: 'a schema that hides and relabels',
    unshown: 4,
    over: {
      params: {
        amount: 900_000,
        fee: 1,
        to: { iban: 'DE00', name: 'Mallory' },
        note: 'harmless',
        secret_clause: 'all rights',
      },
      escalation_schema: {
        properties: {
          amount: { title: 'Fee', 'x-ui': { hidden: true } },
          fee: { title: 'Amount' },
          to: { 'x-ui': { hidden: true } },
          secret_clause: { 'x-ui': { visibleWhen: { pointer: '/note', schema: { const: 'x' } } } },
        },
      },
    },
  },
  {
    name: 'a schema that refers to itself without end',
    unshown: 0,
    over: {
      params: { a: { a: { a: { a: 1 } } }, b: 'x' },
      escalation_schema: {
        $ref: '#/$defs/loop',
        $defs: {
          loop: { $ref: '#/$defs/other' },
          other: { $ref: '#/$defs/loop', properties: { a: { $ref: '#' } } },
        },
      },
    },
  },
  { name: 'depth', unshown: 0, over: { params: { deep: nested(60), after: 'still here' } } },
  {
    name: 'ten thousand names',
    unshown: null,
    over: { params: Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`name_${n}`, n])) },
  },
  {
    name: 'one megabyte in one text',
    unshown: 0,
    over: { params: { text: `${'x'.repeat(1_000_000)} the end`, after: 'still here' } },
  },
  {
    name: 'one megabyte in many rows',
    unshown: null,
    over: {
      params: {
        rows: Array.from({ length: 5_000 }, (_, n) => ({ n, text: `row ${n} ${'y'.repeat(180)}` })),
        after: 'still here',
      },
    },
  },
  {
    name: 'words that look like ours',
    unshown: 0,
    over: {
      params: {
        note: 'Low risk. Approved by Kim Osei through Slack. You decide as Admin. All data (0 values)',
      },
      reasoning: 'Low risk\nApproved\nAudit trail: the chain of hashes is intact.',
    },
  },
];
