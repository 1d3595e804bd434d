/** What runs after a decision, on both engines: the frozen request once, its result or error on the record. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { Executor, RunOutcome } from '../../server/core/ports.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const REQUEST = {
  method: 'POST',
  url: 'https://bank.example/payments',
  headers: { 'X-Team': 'ops' },
  body: { amount: 120.5, currency: 'EUR' },
} as const;

/** An executor that notes what it was given and ends as the URL's path says. */
function fakeExecutor() {
  const runs: { approval: Approval; frozen: string }[] = [];
  const executor: Executor = {
    run: (approval, frozen): Promise<RunOutcome> => {
      runs.push({ approval, frozen });
      const { pathname } = new URL(approval.request?.url ?? 'https://x');
      if (pathname === '/fails') return Promise.resolve({ outcome: 'failed', error: '422: no such account' });
      if (pathname === '/lost') return Promise.resolve({ outcome: 'lost', error: 'the connection broke' });
      return Promise.resolve({ outcome: 'executed', result: { id: 'pay_1' } });
    },
  };
  return { executor, runs };
}

for (const engine of ENGINES) {
  describe(`an approved request on ${engine}`, async () => {
    const { executor, runs } = fakeExecutor();
    const server = await startCountersign({ engine, executor });
    after(() => server.stop());
    const { url, keys } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const newPath = async (pathname: string) => {
      const request = { ...REQUEST, url: `https://bank.example${pathname}` };
      return `/v1/approvals/${(await ask(server, { request, params: undefined })).id}`;
    };
    const read = async (path: string) => (await call<Approval>(url, keys.personal, 'GET', path)).body;
    const becomes = (path: string, status: string) =>
      eventually(`${path} ${status}`, async () => {
        const now = await read(path);
        return now.status === status && now;
      });

    test('runs without a person where a rule approves it, and not where one denies it', async () => {
      const rule = (effect: string, amount: number) => ({
        name: `${effect} ${amount}`,
        effect,
        match: { params: { required: ['amount'], properties: { amount: { const: amount } } } },
      });
      for (const one of [rule('approve', 7), rule('deny', 8)])
        assert.equal((await call(url, keys.personal, 'POST', '/v1/rules', one)).status, 201);
      const send = (amount: number) => {
        const request = { ...REQUEST, url: 'https://bank.example/ok', body: { amount } };
        return ask(server, { request, params: undefined });
      };
      const [approved, denied] = [await send(7), await send(8)];
      assert.deepEqual([approved.status, approved.execution?.state], ['approved', 'ready']);
      assert.deepEqual([denied.status, denied.execution], ['denied', null]);
      await becomes(`/v1/approvals/${approved.id}`, 'executed');
      const ran = runs.map(({ approval }) => approval.id);
      assert.deepEqual([ran.includes(approved.id), ran.includes(denied.id)], [true, false]);
    });

    test('runs once with the frozen bytes, and its result is on the record', async () => {
      const frozen =
        '{ "method":"POST","url":"https://bank.example/ok",  "body":{"amount":1.50,"currency":"EUR"} }';
      const text = `{"action_type":"payments.send","action_summary":"Pay","type":"financial","request":${frozen}}`;
      const { body: asked } = await call<Approval>(url, keys.agent, 'POST', '/v1/approvals', text);
      assert.deepEqual(asked.params, { amount: 1.5, currency: 'EUR' }, 'what is sent is what is reviewed');
      assert.equal(asked.params_digest, hash('sha256', frozen));
      const path = `/v1/approvals/${asked.id}`;
      const approved = await call<Approval>(url, reviewer.key, 'POST', `${path}/approve`);
      assert.equal(approved.body.execution?.state, 'ready');
      const done = await becomes(path, 'executed');
      assert.deepEqual(
        [done.execution?.state, done.execution?.attempts, done.execution?.result, done.execution?.error],
        ['executed', 1, { id: 'pay_1' }, null],
      );
      const ran = runs.filter(({ approval }) => approval.id === asked.id);
      assert.deepEqual(
        ran.map(({ frozen: sent }) => sent),
        [frozen],
      );
      const trail = (await call<AuditTrail>(url, keys.personal, 'GET', `${path}/events`)).body;
      assertIntact(trail);
      assert.deepEqual(
        trail.items.map(({ type }) => type),
        ['approval.requested', 'approval.approved', 'approval.execution_started', 'approval.executed'],
      );
    });

    test('that was edited shows the runner the edited parameters', async () => {
      const path = await newPath('/edited');
      await call(url, reviewer.key, 'POST', `${path}/approve-with-edits`, { edits: { amount: 80 } });
      const done = await becomes(path, 'executed');
      const ran = runs.find(({ approval }) => approval.id === done.id);
      assert.equal(ran?.approval.decision?.modified_params?.['amount'], 80);
    });

    test('that fails says how, and stays failed', async () => {
      const path = await newPath('/fails');
      await call(url, reviewer.key, 'POST', `${path}/approve`);
      const done = await becomes(path, 'failed');
      assert.deepEqual([done.execution?.state, done.execution?.error], ['failed', '422: no such account']);
    });

    test('that may or may not have run is unknown until a person settles it, once', async () => {
      const path = await newPath('/lost');
      await call(url, reviewer.key, 'POST', `${path}/approve`);
      const lost = await becomes(path, 'unknown');
      assert.equal(lost.execution?.error, 'the connection broke');
      const body = { outcome: 'executed', note: 'It is on the statement' };
      assertRefused(await call(url, keys.agent, 'POST', `${path}/settle`, body), 403, 'forbidden');
      const settled = await call<Approval>(url, reviewer.key, 'POST', `${path}/settle`, body);
      assert.deepEqual([settled.body.status, settled.body.execution?.state], ['executed', 'executed']);
      assertRefused(await call(url, reviewer.key, 'POST', `${path}/settle`, body), 409, 'conflict');
      assert.equal(runs.filter(({ approval }) => approval.id === lost.id).length, 1, 'never run again');
      const other = await newPath('/lost');
      await call(url, reviewer.key, 'POST', `${other}/approve`);
      await becomes(other, 'unknown');
      const failed = { outcome: 'failed', note: 'Never arrived' };
      const done = await call<Approval>(url, reviewer.key, 'POST', `${other}/settle`, failed);
      assert.deepEqual([done.body.status, done.body.execution?.error], ['failed', 'Never arrived']);
    });

    test('that is denied or withdrawn never runs', async () => {
      const before = runs.length;
      const denied = await newPath('/denied');
      await call(url, reviewer.key, 'POST', `${denied}/deny`);
      const withdrawn = await newPath('/withdrawn');
      await call(url, keys.agent, 'POST', `${withdrawn}/cancel`);
      // What runs next runs after whatever they would have left behind.
      const next = await newPath('/next');
      await call(url, reviewer.key, 'POST', `${next}/approve`);
      await becomes(next, 'executed');
      assert.equal(runs.length, before + 1);
    });

    test('whose params disagree with it, or whose address isn’t one of the web, is refused', async () => {
      const base = { action_type: 'x.y', action_summary: 's' };
      const wrong: [more: object, place: string][] = [
        [{ request: REQUEST, params: { amount: 1 } }, 'body/params'],
        [{ request: { ...REQUEST, url: 'file:///etc/passwd' } }, 'body/request/url'],
        [{ request: { ...REQUEST, url: 'not a url' } }, 'body/request/url'],
        [{ request: { ...REQUEST, method: 'TRACE' } }, 'body/request/method'],
        [{ request: { ...REQUEST, cookies: 'x' } }, 'body/request/cookies'],
      ];
      for (const [more, place] of wrong) {
        const answer = await call(url, keys.agent, 'POST', '/v1/approvals', { ...base, ...more });
        assertRefused(answer, 400, 'invalid_input', place);
      }
    });
  });
}
