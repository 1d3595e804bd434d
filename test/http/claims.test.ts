/** What the asker runs itself, on both engines: claim, report, fences, leases, and what a lost claim becomes. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Claim } from '../../schemas/claim.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const HOUR_MS = 3_600_000;
const REQUEST = {
  method: 'POST',
  url: 'https://host.example/v1/users/alice/cards',
  headers: { authorization: '[sealed]' },
  body: { name: 'Ads' },
};

for (const engine of ENGINES) {
  describe(`what the asker runs, on ${engine}`, async () => {
    const clock = manualClock();
    const server = await startCountersign({ engine, clock });
    after(() => server.stop());
    const { url, keys } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const approved = async (more: object = {}) => {
      const asked = await ask(
        server,
        { request: REQUEST, params: undefined, runner: 'asker', sealed: 'c2VjcmV0', ...more },
        keys.service,
      );
      const path = `/v1/approvals/${asked.id}`;
      await call(url, reviewer.key, 'POST', `${path}/approve`);
      return path;
    };
    const claim = (path: string, body: object = {}, headers = {}, key = keys.service) =>
      call<Claim>(url, key, 'POST', `${path}/claim`, body, headers);
    const report = (path: string, body: object, headers = {}) =>
      call<Approval>(url, keys.service, 'POST', `${path}/report`, body, headers);
    const read = async (path: string) => (await call<Approval>(url, keys.personal, 'GET', path)).body;
    const becomes = (path: string, status: string) =>
      eventually(`${path} ${status}`, async () => {
        // The clock stands still, and so does the worker's timer: what is due is run here.
        await server.cases.worker.runDue();
        const now = await read(path);
        return now.status === status && now;
      });

    test('is claimed with its frozen bytes and sealed text, and reported once', async () => {
      const path = await approved();
      assert.equal((await read(path)).execution?.state, 'ready');
      const { body, status } = await claim(path);
      assert.equal(status, 200);
      assert.deepEqual([body.attempt, body.sealed], [1, 'c2VjcmV0']);
      assert.equal(hash('sha256', body.frozen), body.approval.params_digest);
      assert.match(body.idempotency_key, /^cs_[0-9a-f]{48}$/);
      const done = await report(path, { attempt: 1, outcome: 'executed', result: { card: 'c1' } });
      assert.deepEqual([done.body.status, done.body.execution?.result], ['executed', { card: 'c1' }]);
      assertRefused(await report(path, { attempt: 1, outcome: 'failed', error: 'x' }), 409, 'conflict');
      assertRefused(await claim(path), 409, 'conflict');
      const trail = (await call<AuditTrail>(url, keys.personal, 'GET', `${path}/events`)).body;
      assertIntact(trail);
      assert.deepEqual(
        trail.items.map(({ type }) => type),
        ['approval.requested', 'approval.approved', 'approval.execution_started', 'approval.executed'],
      );
      assert.doesNotMatch(JSON.stringify(trail), /c2VjcmV0/, 'what is sealed is never on the record');
    });

    test('is claimed by one of many that try at once', async () => {
      const path = await approved();
      const tries = await Promise.all(Array.from({ length: 8 }, () => claim(path)));
      assert.deepEqual(
        tries.map(({ status }) => status).toSorted((a, b) => a - b),
        [200, 409, 409, 409, 409, 409, 409, 409],
      );
    });

    test('answers a claim and a report that are sent again under their key as before', async () => {
      const path = await approved();
      const key = { 'Idempotency-Key': 'claim-1' };
      const first = await claim(path, {}, key);
      const again = await claim(path, {}, key);
      assert.deepEqual([again.status, again.body.attempt, again.body.sealed], [200, 1, first.body.sealed]);
      const said = { attempt: 1, outcome: 'executed', result: 1 };
      await report(path, said, { 'Idempotency-Key': 'report-1' });
      assert.equal((await report(path, said, { 'Idempotency-Key': 'report-1' })).status, 200);
      assert.equal((await read(path)).execution?.attempts, 1);
    });

    test('is not claimed before it is approved, nor by anybody else, nor where the server runs it', async () => {
      const asked = await ask(server, { runner: 'asker' }, keys.service);
      const path = `/v1/approvals/${asked.id}`;
      assertRefused(await claim(path), 409, 'conflict');
      await call(url, reviewer.key, 'POST', `${path}/approve`);
      assertRefused(await claim(path, {}, {}, keys.agent), 404, 'not_found');
      assertRefused(await claim(path, {}, {}, reviewer.key), 403, 'forbidden');
      const plain = await ask(server, {}, keys.service);
      await call(url, reviewer.key, 'POST', `/v1/approvals/${plain.id}/approve`);
      assertRefused(await claim(`/v1/approvals/${plain.id}`), 403, 'forbidden');
    });

    test('that was denied, or never had a runner, never becomes claimable', async () => {
      const asked = await ask(server, { runner: 'asker', sealed: 'x' }, keys.service);
      await call(url, reviewer.key, 'POST', `/v1/approvals/${asked.id}/deny`);
      assertRefused(await claim(`/v1/approvals/${asked.id}`), 409, 'conflict');
      const sealedAlone = { ...REQUEST_FIELDS, sealed: 'x' };
      const answer = await call(url, keys.service, 'POST', '/v1/approvals', sealedAlone);
      assertRefused(answer, 400, 'invalid_input', 'body/sealed');
      const nothing = { ...REQUEST_FIELDS, runner: 'server' };
      const refused = await call(url, keys.service, 'POST', '/v1/approvals', nothing);
      assertRefused(refused, 400, 'invalid_input', 'body/request');
    });

    test('becomes unknown when its claim reports nothing in time, and is never claimed again', async () => {
      const path = await approved();
      await claim(path, { lease_s: 30 });
      clock.advance(29_000);
      assert.equal((await read(path)).status, 'approved');
      clock.advance(1_000);
      await becomes(path, 'unknown');
      assertRefused(await claim(path, { repeatable: true }), 409, 'conflict');
      assertRefused(await report(path, { attempt: 1, outcome: 'executed' }), 409, 'conflict');
    });

    test('is claimed again after a lost claim where the target deduplicates, and the lost one is fenced', async () => {
      const path = await approved();
      const lease = { lease_s: 30, repeatable: true };
      const first = await claim(path, lease);
      assertRefused(await claim(path, lease), 409, 'conflict');
      clock.advance(30_000);
      assertRefused(await claim(path, { lease_s: 30 }), 409, 'conflict');
      const second = await claim(path, lease);
      assert.deepEqual([second.body.attempt, second.body.idempotency_key], [2, first.body.idempotency_key]);
      assertRefused(await report(path, { attempt: 1, outcome: 'executed' }), 409, 'conflict');
      assert.equal((await report(path, { attempt: 2, outcome: 'executed' })).body.status, 'executed');
    });

    test('that nobody claims within the execution window fails, and can’t be claimed after', async () => {
      const path = await approved();
      clock.advance(24 * HOUR_MS + 1);
      assertRefused(await claim(path), 409, 'conflict');
      const failed = await becomes(path, 'failed');
      assert.match(failed.execution?.error ?? '', /execution window ended/);
    });
  });
}

const REQUEST_FIELDS = { action_type: 'x.y', action_summary: 's' };
