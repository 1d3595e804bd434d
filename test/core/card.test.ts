/**
 * The card against its promises: every leaf is shown or counted, nothing unseen passes, and no schema breaks it.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { card } from '../../server/core/card.ts';
import { patchOf, typedValue } from '../../server/core/card-edits.ts';
import { type CardFact, factAt, factsOf, leavesOf } from '../../server/core/card-facts.ts';
import { FACT_KINDS, TONES } from '../../server/core/card-kind.ts';
import { durationText, instantText, moneyText, numberText, visible } from '../../server/core/card-text.ts';
import { applyEdits } from '../../server/core/edits.ts';
import { schemaFor } from '../../schemas/templates.ts';
import {
  deploymentApproval,
  paymentApproval,
  SAMPLE_TIME,
  sampleApproval,
} from '../support/sample-approvals.ts';
import { anyText } from '../support/any-text.ts';

const options = { locale: 'en', time_zone: 'UTC', now_ms: Date.parse(SAMPLE_TIME) + 60_000 };
const cardOf = (approval: ReturnType<typeof sampleApproval>) =>
  card(approval, schemaFor(approval.type, approval.escalation_schema), options);

/** Every fact, however deep. */
function flat(facts: readonly CardFact[]): CardFact[] {
  return facts.flatMap((fact) => [
    fact,
    ...flat(fact.children),
    ...flat(fact.rows.flat().filter((cell) => cell !== null)),
  ]);
}

function pointersShown(facts: readonly CardFact[]): string[] {
  return flat(facts).flatMap((fact) =>
    fact.kind === 'json' ? leavesOf(fact.value, fact.pointer) : [fact.pointer],
  );
}

/** Mostly one of a few, so that what a schema says of a name meets a value of that name. */
const name = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      'amount',
      'currency',
      'a/b',
      '~',
      'created_at',
      'size_bytes',
      'url',
      'from',
      'to',
      '',
      '0',
      '__p',
    ),
  },
  { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
);
const scalar = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  anyText({ maxLength: 12 }),
  fc.constantFrom('EUR', '2026-11-20', SAMPLE_TIME, 'https://a.example/x', '\u202Egnp.exe', 'a\u200Bb', ''),
);
const { json: data } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 8, depthSize: 'medium' },
    scalar,
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(name, tie('json'), { maxKeys: 5 }),
  ),
}));
const params = fc.dictionary(name, data, { maxKeys: 6 });

const anything = fc.oneof(scalar, fc.object({ maxDepth: 1 }), fc.array(scalar, { maxLength: 3 }));
const hints = fc.record(
  {
    widget: fc.oneof(fc.constantFrom(...FACT_KINDS, 'markdown', 'constructor'), anything),
    hidden: fc.oneof(fc.boolean(), anything),
    sensitive: fc.oneof(fc.boolean(), anything),
    editable: anything,
    order: fc.oneof(fc.array(fc.oneof(name, fc.constant('*'), anything), { maxLength: 4 }), anything),
    currency: fc.oneof(fc.constantFrom('EUR', 'JPY', 'nope', { $data: '/currency' }, { $data: 7 }), anything),
    scale: fc.oneof(fc.constantFrom('minor', 100, 0, -1, 0.01), anything),
    tone: fc.oneof(fc.constantFrom(...TONES), anything),
    threshold: fc.oneof(fc.constant([{ above: 1, tone: 'danger', note: '\u202E' }]), anything),
    question: fc.oneof(fc.constantFrom('Pay {/amount}?', '{/}{//}{', '\u2066{/url}'), anything),
    headline: fc.oneof(fc.constant(['/amount', 7, '/nowhere']), anything),
    unit: fc.oneof(fc.constantFrom('hour', 'no-unit'), anything),
  },
  { requiredKeys: [] },
);
const { node: schemas } = fc.letrec((tie) => ({
  node: fc.record(
    {
      type: fc.oneof(fc.constantFrom('string', 'object', ['number', 'null']), anything),
      title: anything,
      format: anything,
      enum: anything,
      oneOf: anything,
      writeOnly: anything,
      $ref: fc.constantFrom(
        '#',
        '#/properties/amount',
        '#/properties/a',
        '#/nowhere',
        '#/$defs/loop',
        'http://x',
      ),
      $defs: fc.constant({ loop: { $ref: '#/$defs/loop' } }),
      properties: fc.oneof(
        { depthSize: 'small', maxDepth: 3 },
        anything,
        fc.dictionary(name, tie('node'), { maxKeys: 4 }),
      ),
      items: fc.oneof({ depthSize: 'small', maxDepth: 3 }, anything, tie('node')),
      prefixItems: anything,
      additionalProperties: fc.oneof({ depthSize: 'small', maxDepth: 3 }, anything, tie('node')),
      'x-ui': fc.oneof(hints, anything),
    },
    { requiredKeys: [] },
  ),
}));
const schema = schemas as fc.Arbitrary<Record<string, unknown>>;

describe('the card of any data under any schema', () => {
  it('shows or counts every leaf of params, and says complete only when nothing is left out', () => {
    fc.assert(
      fc.property(params, schema, (value, hostile) => {
        const shown = card(sampleApproval({ params: value, escalation_schema: hostile }), hostile, options);
        const seen = new Set([
          ...pointersShown(shown.facts),
          ...shown.unshown.map((p) => p.replace(/^\/params/, '')),
        ]);
        for (const leaf of leavesOf(value)) assert.ok(seen.has(leaf), `${leaf} is neither shown nor counted`);
        assert.equal(shown.complete, shown.unshown.length === 0);
      }),
      { numRuns: 450 },
    );
  });

  it('passes on no character that reorders or hides text', () => {
    const unseen = /[\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\u00AD\u061C\u0085\u{E0000}-\u{E007F}]/u;
    fc.assert(
      fc.property(params, schema, anyText(), (value, hostile, words) => {
        const approval = sampleApproval({
          params: value,
          context: value,
          escalation_schema: hostile,
          action_summary: `${words}\u202E`,
          reasoning: words,
          side_effects: [words],
          agent_name: words,
          tags: [words],
        });
        const { facts, context, request, unshown: _pointers, ...rest } = card(approval, hostile, options);
        for (const fact of flat([...facts, ...context, ...request])) {
          assert.doesNotMatch(
            [fact.text, fact.label, fact.note ?? '', fact.host ?? '', ...fact.columns].join(' '),
            unseen,
          );
        }
        const { headline: _same, ...words_of_card } = rest;
        assert.doesNotMatch(
          JSON.stringify(words_of_card, (_, v: unknown) => v),
          unseen,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('gives every leaf of ordinary data without a hint a place in the facts', () => {
    fc.assert(
      fc.property(params, (value) => {
        assert.deepEqual(factsOf(value, {}, options).unshown, []);
      }),
    );
  });
});

describe('the card of a payment', () => {
  it('asks the one question with typed values', () => {
    assert.deepEqual(cardOf(paymentApproval()).question, {
      text: 'Pay €12,400.00 to Acme GmbH?',
      by_agent: false,
    });
  });

  it("falls back to the agent's summary, and says so, when a value of the question is missing", () => {
    const shown = cardOf(paymentApproval({ params: { amount: 5, currency: 'EUR' } }));
    assert.deepEqual(shown.question, { text: 'Pay the October invoice of Acme GmbH', by_agent: true });
  });

  it('shows two headline values, a threshold, a table, links with their host, and what is sent besides params', () => {
    const shown = cardOf(paymentApproval());
    const byPointer = new Map(flat(shown.facts).map((fact) => [fact.pointer, fact]));
    assert.deepEqual(
      shown.headline.map((f) => f.text),
      ['€12,400.00', 'Acme GmbH'],
    );
    assert.equal(byPointer.get('/amount')?.note, 'above 10,000');
    assert.equal(byPointer.get('/amount')?.tone, 'danger');
    assert.deepEqual(byPointer.get('/line_items')?.columns, [
      'Description',
      'Quantity',
      'Unit price',
      'Total',
    ]);
    assert.equal(byPointer.get('/line_items')?.rows.length, 2);
    assert.equal(byPointer.get('/invoice/link')?.host, 'invoices.example.com');
    assert.equal(byPointer.get('/invoice/due')?.text, 'Nov 30, 2026');
    assert.equal(byPointer.get('/reversible')?.text, 'No');
    assert.deepEqual(
      shown.request.map((f) => f.text),
      ['POST', 'https://bank.example.com/v1/payments', ''],
    );
    assert.equal(shown.complete, true);
  });

  it('shows the frozen body when it is not params', () => {
    const request = { method: 'POST' as const, url: 'https://a.example/x', body: 'raw text' };
    assert.deepEqual(
      cardOf(sampleApproval({ request })).request.map((f) => f.text),
      ['POST', 'https://a.example/x', 'raw text'],
    );
  });

  it('says what the agent left unsaid', () => {
    const says = cardOf(sampleApproval()).says;
    assert.deepEqual(
      says.filter((s) => s.lines.length > 0),
      [],
    );
    assert.deepEqual(
      says.map((s) => s.kind),
      ['why', 'happens', 'if_denied', 'risks', 'alternatives', 'cost', 'confidence'],
    );
  });

  it('counts what a hint hides, and is then not complete', () => {
    const hiding = { properties: { resolution: { 'x-ui': { hidden: true } } } };
    const shown = card(sampleApproval({ escalation_schema: hiding }), hiding, options);
    assert.deepEqual(shown.unshown, ['/params/resolution']);
    assert.equal(shown.complete, false);
  });

  it('marks a value that does not match its schema and shows it as received', () => {
    const fact = factAt({ amount: 'lots' }, schemaFor('financial', null), '/amount', options);
    assert.equal(fact?.text, 'lots');
    assert.equal(fact?.note, 'does not match its schema');
  });

  it('offers links to the web and to mail only', () => {
    const value = { url: 'javascript:alert(1)', link: 'https://ok.example/', uri: 'a@b.example' };
    const facts = factsOf(value, {}, options).facts;
    assert.deepEqual(
      facts.map((f) => f.href),
      [null, 'https://ok.example/', 'mailto:a@b.example'],
    );
  });
});

describe('the card of a deployment', () => {
  it('sets versions side by side, checks as a table, and plain seconds as a duration', () => {
    const facts = new Map(flat(cardOf(deploymentApproval()).facts).map((fact) => [fact.pointer, fact]));
    assert.equal(facts.get('/version')?.kind, 'compare');
    assert.deepEqual(
      facts.get('/version')?.children.map((f) => f.text),
      ['4.17.3', '4.18.0'],
    );
    assert.equal(facts.get('/environment')?.tone, 'danger');
    assert.equal(facts.get('/checks/1/status')?.tone, 'danger');
    assert.equal(facts.get('/rollout/percent')?.text, '10 %');
    assert.equal(facts.get('/downtime_seconds')?.text, '1 min 30 sec');
  });
});

describe('the status of a card', () => {
  it('offers decisions while open, and edits only where something is editable', () => {
    const locked = { 'x-ui': { editable: false } };
    assert.ok(cardOf(sampleApproval()).actions.includes('approve_with_edits'));
    assert.ok(!card(sampleApproval(), locked, options).actions.includes('approve_with_edits'));
  });

  it('is expired once the time is over, whatever the timers did, and offers nothing', () => {
    const shown = cardOf(sampleApproval({ expires_at: SAMPLE_TIME }));
    assert.equal(shown.status.word, 'Expired');
    assert.deepEqual(shown.actions, []);
    assert.equal(shown.outcome?.by, null);
  });

  it('says who decided, how, and what was changed', () => {
    const approval = paymentApproval();
    const outcome = cardOf({
      ...approval,
      status: 'approved_with_edits',
      decided_at: SAMPLE_TIME,
      decision: {
        kind: 'approve_with_edits',
        approver_id: 'mem_01',
        approver_name: 'Robin',
        via: 'slack',
        assurance: 'linked',
        reason: 'Hold the rest',
        modified_params: { ...approval.params, amount: 9900 },
        modified_cost: null,
        override_action: null,
        note: null,
        decided_at: SAMPLE_TIME,
      },
    }).outcome;
    assert.equal(outcome?.by, 'Robin');
    assert.equal(outcome?.via, 'Slack');
    assert.deepEqual(outcome?.changes, [
      { pointer: '/amount', label: 'Amount', from: '€12,400.00', to: '€9,900.00' },
    ]);
  });
});

describe('text', () => {
  it('never rounds a number that was received', () => {
    assert.equal(moneyText(12.345, 'EUR', false, options), '€12.345');
    assert.equal(moneyText(1_240_050, 'EUR', true, options), '€12,400.50');
    assert.equal(moneyText(5, 'JPY', true, options), '¥5');
    assert.equal(moneyText(7, 'KWD', true, options).replace(/\s/g, ' '), 'KWD 0.007');
    assert.equal(moneyText('99999999999999999.99', 'EUR', false, options), '€99,999,999,999,999,999.99');
    assert.equal(numberText(0.1, options), '0.1');
    assert.equal(moneyText(5, 'points', false, options), '5 points');
  });

  it('writes durations whole and instants with their zone', () => {
    assert.equal(durationText(90_061, options), '1 day 1 hr 1 min 1 sec');
    assert.equal(instantText('2026-11-20T10:30:00+01:00', options), 'Nov 20, 2026, 9:30 AM UTC');
    assert.equal(instantText('2026-11-20T10:30:00', options), null);
  });

  it('makes what hides or reorders visible, once', () => {
    assert.equal(visible('pay\u202Egnp\r\nok\u0007'), 'pay⟨U+202E⟩gnp\nok⟨U+0007⟩');
    assert.equal(visible(visible('a\u200B')), visible('a\u200B'));
  });

  it('falls back on an unknown locale or zone', () => {
    assert.match(
      instantText(SAMPLE_TIME, { ...options, locale: 'no_such!', time_zone: 'Moon' }) ?? '',
      /2026/,
    );
  });
});

describe('edits', () => {
  it('keep the type of what they replace', () => {
    const amount = factAt({ amount: 5 }, {}, '/amount', options);
    assert.ok(amount);
    assert.deepEqual(typedValue(amount, '9900.50'), { ok: true, value: 9900.5 });
    assert.equal(typedValue(amount, 'many').ok, false);
    assert.equal(typedValue(amount, '').ok, false);
    assert.equal(typedValue(amount, '12345678901234567').ok, false);
  });

  it('give a patch that the server applies to exactly the edited values', () => {
    const approval = sampleApproval({
      params: {
        a: 1,
        'b.c': { 'd/e': 'x', keep: true },
        list: [
          { n: 1, m: 2 },
          { n: 2, m: 3 },
        ],
      },
    });
    const edits = new Map<string, unknown>([
      ['/a', 2],
      ['/b.c/d~1e', 'y'],
      ['/list/1/n', 9],
      ['/list/0/m', 8],
    ]);
    const edited = applyEdits(approval, patchOf(approval.params, edits));
    assert.ok(edited.ok);
    assert.deepEqual(edited.modified_params, {
      a: 2,
      'b.c': { 'd/e': 'y', keep: true },
      list: [
        { n: 1, m: 8 },
        { n: 9, m: 3 },
      ],
    });
  });
});
