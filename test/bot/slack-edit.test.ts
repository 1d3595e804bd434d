/** The edit form: what it offers, and what a submitted form means. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { coreCard } from '../../bot/slack/card-blocks.ts';
import {
  editFields,
  type EditField,
  editPatch,
  readEdits,
  type Submitted,
} from '../../bot/slack/edit-fields.ts';
import { fieldInput } from '../../bot/slack/views.ts';
import { plainWords } from '../../bot/slack/payloads.ts';
import type { Approval } from '../../schemas/approval.ts';
import { applyEdits } from '../../server/core/edits.ts';
import { kindOf } from '../../server/core/json-value.ts';
import { anyText } from '../support/any-text.ts';
import { SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';

const now_ms = Date.parse(SAMPLE_TIME);
const EDITABLE = { 'x-ui': { editable: true } };

/** What Slack sends for a form that nobody touched. */
function untouched(field: EditField): Submitted {
  const { element } = fieldInput(field);
  switch (element.type) {
    case 'plain_text_input':
    case 'number_input':
      return { value: element.initial_value ?? null };
    case 'static_select':
      return { selected_option: element.initial_option ?? null };
    case 'multi_static_select':
    case 'checkboxes':
      return { selected_options: element.initial_options ?? [] };
    case 'datepicker':
      return { selected_date: element.initial_date ?? null };
    default:
      return element satisfies never;
  }
}

const fieldsOf = (approval: Approval) => editFields(approval, coreCard(approval, now_ms));
const form = (fields: readonly EditField[], over: Record<string, Submitted> = {}) => {
  const touched = fields.map(
    (field) => [field.block_id, over[field.fact.pointer] ?? untouched(field)] as const,
  );
  return readEdits(fields, Object.fromEntries(touched));
};

const leaf = fc.oneof(
  anyText({ maxLength: 30 }),
  fc.constantFrom('2026-11-30', '', ' padded ', 'line\r\nline', '1e5', 'true', '2026-02-31'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);
const anyParams = fc.dictionary(
  fc.string({ minLength: 1, maxLength: 6 }),
  fc.oneof(
    leaf,
    fc.array(leaf, { maxLength: 3 }),
    fc.dictionary(fc.string({ minLength: 1, maxLength: 4 }), leaf, { maxKeys: 3 }),
  ),
  { maxKeys: 6 },
);

const SCHEMA = {
  ...EDITABLE,
  properties: {
    amount: { type: 'number', maximum: 1_000 },
    count: { type: 'integer' },
    method: { enum: ['card', 'transfer', 7] },
    scopes: { type: 'array', items: { enum: ['read', 'write', 'admin'] } },
    due: { type: 'string', format: 'date' },
    notify: { type: 'boolean' },
    fixed: { type: 'string', 'x-ui': { editable: false } },
  },
};
const params = {
  amount: 500,
  count: 3,
  method: 'card',
  scopes: ['write', 'read'],
  due: '2026-11-30',
  notify: true,
  note: 'Paper',
  fixed: 'stays',
  payee: { name: 'Acme' },
  rows: [{ a: 1 }],
};
const typed = sampleApproval({ params, escalation_schema: SCHEMA });

describe('the edit form of Slack', () => {
  it('makes no edit of a form that nobody touched, whatever the data', () => {
    fc.assert(
      fc.property(anyParams, (data) => {
        const { fields } = fieldsOf(sampleApproval({ params: data, escalation_schema: EDITABLE }));
        const read = form(fields);
        assert.deepEqual([[...read.edits], read.errors], [[], {}]);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the type of every value that is changed, and the core takes the edit', () => {
    fc.assert(
      fc.property(
        anyParams,
        fc.string({ minLength: 1, maxLength: 20 }),
        fc.integer(),
        (data, words, number) => {
          const approval = sampleApproval({ params: data, escalation_schema: EDITABLE });
          const { fields } = fieldsOf(approval);
          for (const field of fields) {
            const { pointer, value } = field.fact;
            const said: Record<string, Submitted> = {
              text: { value: words },
              number: { value: String(number) },
              checkbox: { selected_options: value === true ? [] : [{ value: 'true' }] },
              date: { selected_date: '2027-01-02' },
            };
            const { edits } = form(fields, { [pointer]: said[field.input] ?? {} });
            if (edits.size === 0) continue;
            assert.equal(kindOf(edits.get(pointer)), kindOf(value));
            const applied = applyEdits(approval, editPatch(approval, edits));
            assert.ok(applied.ok, JSON.stringify(applied));
            assert.deepEqual(
              applied.changes.map(({ path }) => path),
              [pointer],
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('chooses the input by the schema, and lists what has none', () => {
    const { fields, elsewhere } = fieldsOf(typed);
    const inputs = Object.fromEntries(fields.map(({ fact, input }) => [fact.pointer, input]));
    assert.deepEqual(inputs, {
      '/amount': 'number',
      '/count': 'number',
      '/method': 'select',
      '/scopes': 'multi_select',
      '/due': 'date',
      '/notify': 'checkbox',
      '/note': 'text',
      '/payee/name': 'text',
    });
    assert.deepEqual(elsewhere, ['Rows']);
  });

  it('reads every kind of input back into typed edits', () => {
    const { fields } = fieldsOf(typed);
    const { edits, errors } = form(fields, {
      '/amount': { value: '300.25' },
      '/method': { selected_option: { value: '2' } },
      '/scopes': { selected_options: [{ value: '2' }, { value: '1' }] },
      '/due': { selected_date: '2026-12-01' },
      '/notify': { selected_options: [] },
      '/payee/name': { value: 'Acme Ltd' },
    });
    assert.deepEqual(errors, {});
    assert.deepEqual(editPatch(typed, edits), {
      amount: 300.25,
      method: 7,
      scopes: ['write', 'admin'],
      due: '2026-12-01',
      notify: false,
      payee: { name: 'Acme Ltd' },
    });
  });

  it('leaves a text that no form can hold as it is to the page', () => {
    const data = { half: 'a\uD83D', bell: 'a\u0007', fine: '👩‍👩‍👧\r\n\tx' };
    const { fields, elsewhere } = fieldsOf(sampleApproval({ params: data, escalation_schema: EDITABLE }));
    assert.deepEqual([fields.map(({ fact }) => fact.pointer), elsewhere], [['/fine'], ['Half', 'Bell']]);
  });

  it('says at the field what is no value of it, and drops nothing else', () => {
    const { fields } = fieldsOf(typed);
    const { errors } = form(fields, {
      '/amount': { value: 'a lot' },
      '/method': { selected_option: { value: '99' } },
    });
    assert.deepEqual(Object.values(errors), ['Write a number, such as 1250.50', 'Choose one of the options']);
  });

  it('reads what people type in Slack as the words they typed', () => {
    assert.equal(
      plainWords('a &lt;b&gt; &amp;amp; <https://x.example/?a=1|x.example> '),
      'a <b> &amp; https://x.example/?a=1',
    );
  });
});
