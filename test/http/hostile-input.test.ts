/**
 * INVARIANT: no input is our fault: whatever arrives at POST /v1/approvals, the answer is a created approval or a
 * problem with a place, never a 5xx, and what was refused is not stored.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { CreateApproval } from '../../schemas/approval.ts';
import { anySegment, anyText } from '../support/any-text.ts';
import { call } from '../support/call.ts';
import { ask, countAll, ENGINES, PAYMENT, startCountersign } from '../support/server.ts';

const RUNS = 300;
const FIELDS = Object.keys(CreateApproval.properties);

/** Any JSON, with the names and values that trip programs among it. */
const value = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
  fc.constantFrom<unknown>(
    '',
    ' ',
    '\u0000',
    '9'.repeat(400),
    -1,
    0.1 + 0.2,
    1e300,
    {},
    [],
    [[]],
    null,
    true,
  ),
  fc.constantFrom<unknown>(
    '2030-02-30T00:00:00Z',
    '2030-12-31T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '+',
    '%00',
  ),
  anyText(),
  fc.dictionary(
    fc.constantFrom('constructor', '__proto__', 'toString', '$ref', 'properties', 'x-ui'),
    fc.jsonValue(),
  ),
);

/** A valid request in which some fields are anything. */
const spoiled = fc
  .dictionary(fc.constantFrom(...FIELDS), value, { minKeys: 1, maxKeys: 4, noNullPrototype: true })
  .map((more) => Buffer.from(JSON.stringify({ ...PAYMENT, ...more })));

/** A valid request whose text was cut, doubled or overwritten somewhere. */
const broken = fc.tuple(fc.nat(400), fc.nat(60), fc.uint8Array({ maxLength: 12 })).map(([at, cut, put]) => {
  const bytes = Buffer.from(JSON.stringify(PAYMENT));
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
});

const bodies = fc.oneof(
  { weight: 4, arbitrary: spoiled },
  { weight: 2, arbitrary: broken },
  value.map((any) => Buffer.from(JSON.stringify(any) ?? '')),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);

for (const engine of ENGINES) {
  describe(`hostile input on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { url, keys } = server;

    test(`${RUNS} requests made of anything are taken or refused with a place, and the count agrees`, async (t) => {
      let stored = await countAll(server);
      let refused = 0;
      const run = fc.asyncProperty(bodies, async (body) => {
        const answer = await call(url, keys.agent, 'POST', '/v1/approvals', body);
        if (answer.status === 201) {
          stored++;
          return;
        }
        refused++;
        assert.ok(answer.status < 500, answer.text);
        assert.ok([400, 403, 413].includes(answer.status), answer.text);
        if (answer.status !== 400) return;
        const place = answer.body.errors?.[0]?.location ?? '';
        assert.match(place, /^body(\/|$)/s, answer.text);
        assert.ok(answer.body.errors?.[0]?.message, answer.text);
      });
      await fc.assert(run, { numRuns: RUNS });
      assert.equal(await countAll(server), stored, 'what was refused was not stored');
      t.diagnostic(`${refused} refused`);
      assert.ok(refused > RUNS / 2, 'most of it is hostile');
    });

    test('edits made of anything are applied or refused, and never our fault', async () => {
      const edits = fc.dictionary(
        fc.oneof(
          fc.constantFrom('amount', 'purpose', 'payee', 'payee.name', 'cost.usd', 'a..b', '.'),
          fc.string(),
        ),
        value,
      );
      const run = fc.asyncProperty(edits, async (body) => {
        const { id } = await ask(server);
        const path = `/v1/approvals/${id}/approve-with-edits`;
        const { status, text } = await call(
          url,
          keys.personal,
          'POST',
          path,
          JSON.stringify({ edits: body }),
        );
        assert.ok(status === 200 || status === 400, text);
      });
      await fc.assert(run, { numRuns: RUNS / 2 });
    });

    test('queries and ids made of anything are answered or refused, and never our fault', async () => {
      const names = [
        'status',
        'type',
        'agent_id',
        'q',
        'tag',
        'since',
        'until',
        'cursor',
        'limit',
        'assignee',
      ];
      const query = fc.tuple(fc.constantFrom(...names), anyText(), anySegment());
      const run = fc.asyncProperty(query, async ([name, text, segment]) => {
        const said = encodeURIComponent(text.toWellFormed());
        for (const path of [
          `?${name}=${said}`,
          `/${said || 'x'}`,
          `/${segment || 'x'}/events`,
          `/count?${name}=${said}`,
        ]) {
          const answer = await call(url, keys.personal, 'GET', `/v1/approvals${path}`);
          assert.ok(answer.status < 500, `${path}: ${answer.text}`);
        }
      });
      await fc.assert(run, { numRuns: RUNS / 2 });
    });
  });
}
