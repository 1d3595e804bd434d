/** Approvals as nobody should write them, for properties of everything that draws one. */
import fc from 'fast-check';
import type { Approval } from '../../schemas/approval.ts';
import { anyText } from './any-text.ts';
import { sampleApproval } from './sample-approvals.ts';

/** Texts that try to be markup, to hide, to reorder, or to be far too long. */
export const hostile = fc.oneof(
  fc.constantFrom(
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    'Pay\r\nBcc: victim@evil.example\r\n\r\n<b>body</b>',
    '<!channel> <@U123> <https://evil.example|Acme>',
    '*bold* `code` _it_ ~no~ :tada: &lt;b&gt;',
    'https://evil.example/approve',
    '\u202Egnp.exe\u2066 \u200B',
    '👩‍👩‍👧‍👦'.repeat(2_000),
    'x'.repeat(5_000),
    'لا توافق على هذا',
    '',
    ' ',
    '\n\n\n',
    'line\n'.repeat(400),
  ),
  anyText({ maxLength: 40 }),
);
const name = fc.oneof(
  fc.constantFrom('amount', 'to', 'a/b', 'note', 'rows', 'x: y'),
  fc.string({ maxLength: 5 }),
);
const { json } = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    hostile,
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json'), { maxLength: 12 }),
    fc.dictionary(name, tie('json'), { maxKeys: 6 }),
  ),
}));
/** An approval of any data with hostile texts in every place that an agent writes. */
export const anyApproval = fc
  .record({
    params: fc.dictionary(name, json, { maxKeys: 8 }),
    action_summary: hostile,
    reasoning: hostile,
    side_effects: fc.array(hostile, { maxLength: 5 }),
    if_denied: fc.option(hostile),
    agent_name: hostile,
    contact_name: fc.option(hostile),
    risk_level: fc.constantFrom('low', 'medium', 'high', 'critical'),
    type: fc.constantFrom('financial', 'tool_call', 'message', 'deployment'),
    escalation_schema: fc.option(
      fc.constantFrom(
        { title: 'T'.repeat(4_000), 'x-ui': { editable: true, question: '{/amount} <!channel>?' } },
        { 'x-ui': { editable: true, confirm: 'y'.repeat(500), reasonRequired: 'always' } },
      ),
    ),
  })
  .map((over) => sampleApproval(over as Partial<Approval>));
