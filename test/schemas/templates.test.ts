/**
 * Every built-in template, against the vocabulary, its examples, the card and the text form of the card.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Approval, CreateApproval } from '../../schemas/approval.ts';
import { schemaIssues } from '../../schemas/escalation.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import { TEMPLATES } from '../../schemas/templates.ts';
import { checkOf, foreignIssues } from '../../schemas/validate.ts';
import { card } from '../../server/core/card.ts';
import { type CardFact, leavesOf } from '../../server/core/card-facts.ts';
import { cardLines } from '../../server/core/card-lines.ts';
import { applyEdits } from '../../server/core/edits.ts';
import { SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';

const options = { locale: 'en', time_zone: 'UTC', now_ms: Date.parse(SAMPLE_TIME) + 60_000 };
const isCreate = checkOf(CreateApproval);
const flat = (facts: readonly CardFact[]): CardFact[] =>
  facts.flatMap((f) => [f, ...flat(f.children), ...flat(f.rows.flat().filter((c) => c !== null))]);
const asked = (example: unknown): Approval => ({ ...sampleApproval(), ...(example as Partial<Approval>) });

const ALL = [
  'financial',
  'deployment',
  'data_access',
  'message',
  'vendor_contract',
  'infrastructure_change',
  'code_change',
  'credential_grant',
  'content_publishing',
  'handoff',
  'tool_call',
  'destructive_action',
  'goal',
  'identity_legal',
  'purchase',
  'policy_exception',
];

it('the templates are the sixteen of the specification, and each has two examples', () => {
  assert.deepEqual(Object.keys(TEMPLATES).toSorted(), ALL.toSorted());
  assert.deepEqual(Object.keys(EXAMPLES).toSorted(), ALL.toSorted());
  for (const examples of Object.values(EXAMPLES)) assert.equal(examples.length, 2);
});

for (const [name, schema] of Object.entries(TEMPLATES)) {
  describe(`the template ${name}`, () => {
    it('fits the vocabulary, names itself, and points only to places it declares', () => {
      assert.deepEqual(schemaIssues(schema, 'schema'), []);
      const hints = schema['x-ui'] as {
        template: string;
        question?: string;
        headline?: string[];
        summary?: string[];
      };
      assert.equal(hints.template, name);
      const declared = Object.keys(schema['properties'] ?? {});
      const places = [...(hints.headline ?? []), ...(hints.summary ?? [])].concat(
        [...(hints.question ?? '').matchAll(/\{(\/[^}]*)\}/g)].map((m) => m[1] ?? ''),
      );
      const first = places.map((pointer) => pointer.split('/')[1] ?? '');
      if (declared.length > 0) for (const member of first) assert.ok(declared.includes(member), member);
    });

    for (const [n, example] of (EXAMPLES[name] ?? []).entries()) {
      const approval = asked(example);
      const shown = card(approval, schema, options);

      it(`accepts example ${n + 1}, as a request and as params`, () => {
        const checked = isCreate(example);
        assert.ok(checked.ok, JSON.stringify(checked));
        assert.equal(example.type, name);
        assert.deepEqual(foreignIssues(schema, example.params, 'params'), []);
      });

      it(`shows example ${n + 1} without leftovers or marks of misfit`, () => {
        assert.deepEqual(shown.unshown.toSorted(), shown.masked.toSorted());
        const facts = flat(shown.facts);
        assert.deepEqual(
          facts.filter((f) => f.note === 'does not match its schema'),
          [],
        );
        if (name !== 'tool_call') assert.equal(shown.question.by_agent, false, shown.question.text);
        assert.ok(shown.summary.length >= (name === 'tool_call' ? 0 : 2), 'too few values for a row');
      });

      it(`INVARIANT: the text of every fact is in the lines; what is masked or not shown is counted in words (example ${n + 1})`, () => {
        const text = cardLines(shown)
          .map((line) => line.text)
          .join('\n');
        for (const fact of flat([...shown.facts, ...shown.context, ...shown.request]))
          for (const line of fact.text.split('\n'))
            assert.ok(text.includes(line), `${fact.pointer}: ${line}`);
        assert.equal(text.includes('masked'), shown.masked.length > 0);
        for (const pointer of shown.masked) {
          const secret = flat(shown.facts).find((f) => `/params${f.pointer}` === pointer)?.value;
          assert.ok(typeof secret === 'string' && !text.includes(secret));
        }
      });
    }

    it('has a part that may be edited, and none that is masked', () => {
      const [approval] = (EXAMPLES[name] ?? []).map(asked);
      assert.ok(approval);
      const editable = flat(card(approval, schema, options).facts).filter((f) => f.editable);
      assert.ok(editable.length > 0);
      assert.deepEqual(
        editable.filter((f) => f.kind === 'masked'),
        [],
      );
      const [first] = editable;
      assert.ok(first);
      const place = leavesOf(approval.params).find((pointer) => pointer === first.pointer);
      assert.ok(place, `${first.pointer} is no leaf of the params`);
    });
  });
}

it('an edit of a template is held against it: the pattern, the bounds and what may not be touched', () => {
  const [payment] = EXAMPLES['financial'] ?? [];
  const edit = (edits: Record<string, unknown>) => applyEdits(asked(payment), edits);
  assert.equal(edit({ amount: 9900 }).ok, true);
  assert.equal(edit({ amount: 0 }).ok, false);
  assert.equal(edit({ currency: 'USD' }).ok, false);
});
