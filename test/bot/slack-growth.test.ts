/**
 * How the work for a card grows with its texts, counted and not timed: the units of text that go through the string
 * functions while a card, its review and its form are made.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { cardMessage } from '../../bot/slack/card-blocks.ts';
import { plainWords } from '../../bot/slack/payloads.ts';
import { editView, reviewPageCount, reviewView } from '../../bot/slack/views.ts';
import type { Approval } from '../../schemas/approval.ts';
import { SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';

const now_ms = Date.parse(SAMPLE_TIME);
/** Each reads all of its text, except where it gives a part of it. */
const READERS = [
  'replace',
  'replaceAll',
  'split',
  'trim',
  'trimEnd',
  'includes',
  'indexOf',
  'match',
] as const;
const PARTS = ['slice', 'substring'] as const;

const STRINGS: object = Object.getPrototypeOf('');

/** The units of text that go through string functions while `work` runs. */
function unitsRead(work: () => unknown): number {
  let units = 0;
  const saved = Object.getOwnPropertyDescriptors(STRINGS) as Record<string, PropertyDescriptor>;
  for (const name of READERS)
    count(name, (text) => {
      units += text.length;
    });
  for (const name of PARTS)
    count(name, (_text, part) => {
      units += String(part).length;
    });
  try {
    work();
  } finally {
    Object.defineProperties(STRINGS, saved);
  }
  return units;

  function count(name: string, note: (text: string, result: unknown) => void): void {
    const real = saved[name]?.value as (...args: unknown[]) => unknown;
    const counting = function (this: string, ...args: unknown[]): unknown {
      const result = real.apply(this, args);
      note(this, result);
      return result;
    };
    Object.defineProperty(STRINGS, name, { ...saved[name], value: counting });
  }
}

/** The text in every place that an agent can write to. */
function approvalOf(words: string, type: string): Approval {
  return sampleApproval({
    type,
    action_summary: words,
    params: { body: words, subject: words, payee: { name: words }, amount: words, list: [words, words] },
    reasoning: words,
    side_effects: [words],
    if_denied: words,
    agent_name: words,
    context: { said: words },
    escalation_schema:
      type === 'tool_call' ? { 'x-ui': { editable: true, question: `{/body} ${words}` } } : null,
  });
}

function everything(approval: Approval): void {
  cardMessage({ approval, events: [], view_only: false, now_ms });
  const last = reviewPageCount(approval, now_ms) - 1;
  reviewView(approval, now_ms, last, true);
  editView(approval, now_ms);
}

const UNITS = [
  'x',
  ' ',
  '`',
  '\n',
  'e\u0301\u0301',
  '<',
  '](',
  '**',
  '- a\n',
  '\u200D',
  '\u202E',
  '\uD83D',
  '👩‍👩‍👧',
  '\r\n',
];
const SMALL = 2_400;
const TIMES = 4;

it('a card of longer texts costs as much more as they are longer, whatever they are made of', () => {
  for (const type of ['tool_call', 'message'])
    for (const unit of UNITS) {
      const work = (size: number) => {
        const approval = approvalOf(unit.repeat(size / unit.length), type);
        return unitsRead(() => everything(approval));
      };
      const [small, large] = [work(SMALL), work(SMALL * TIMES)];
      assert.ok(small > SMALL, 'it is counted');
      const growth = large / small;
      assert.ok(growth < TIMES * 1.5, `${JSON.stringify(unit)} in ${type} grows ${growth.toFixed(1)} times`);
    }
});

it('words of people are read the same whatever opens and never closes in them', () => {
  assert.equal(plainWords('<https://a <https://b|c> <mailto:d@e.f|d>'), '<https://a https://b d@e.f');
  const open = '<https://'.repeat(4_000);
  assert.equal(plainWords(open), open);
});
