/** gate(fn) against a real server: asks, waits, runs once with what was approved, and resumes by its key. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import {
  gate,
  type GateFunctionOptions,
  NotApprovedError,
  RunFailedError,
  UnknownOutcomeError,
} from '../../client/gate-function.ts';
import { ValidationError } from '../../client/index.ts';
import type { Approval } from '../../schemas/approval.ts';
import { runKey } from '../../server/app/run-key.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { addPerson, startCountersign } from '../support/server.ts';

type Payment = { amount: number; to: string };
class Crash extends Error {}

describe('gate(fn)', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const reviewer = await addPerson(server, 'reviewer');
  let orders = 0;
  const newOrder = () => `order-${++orders}`;
  const sleep = () => new Promise<void>((turn) => setTimeout(turn, 5));

  /** A gated payment under a key of its own, and what it did. */
  const payments = (key: string, more: Partial<GateFunctionOptions<[Payment]>> = {}) => {
    const paid: (Payment & { idempotency_key: string; attempt: number })[] = [];
    const pay = gate(
      async function (payment: Payment) {
        paid.push({ ...payment, idempotency_key: this.idempotency_key, attempt: this.attempt });
        return { receipt: `r${paid.length}` };
      },
      {
        server: url,
        token: keys.agent,
        sleep,
        action_type: 'payments.send',
        summary: ({ amount, to }) => `Pay ${amount} to ${to} (${key})`,
        key: () => key,
        ...more,
      },
    );
    return { pay, paid };
  };
  const find = (key: string) =>
    eventually(`the request of ${key}`, async () => {
      const path = `/v1/approvals?q=${encodeURIComponent(`(${key})`)}`;
      return (await call<{ items: Approval[] }>(url, keys.personal, 'GET', path)).body.items[0];
    });
  const decide = async (key: string, verb: string, body: object = {}) => {
    const { id } = await find(key);
    return call<Approval>(url, reviewer.key, 'POST', `/v1/approvals/${id}/${verb}`, body);
  };
  const PAYMENT = { amount: 100, to: 'Example' };

  test('runs with its own arguments once a person approved, and reports the result', async () => {
    const key = newOrder();
    const { pay, paid } = payments(key);
    const running = pay(PAYMENT);
    await decide(key, 'approve');
    assert.deepEqual(await running, { receipt: 'r1' });
    const done = await find(key);
    assert.deepEqual([done.status, done.execution?.result], ['executed', { receipt: 'r1' }]);
    const idempotency_key = runKey(done);
    assert.deepEqual(paid, [{ ...PAYMENT, idempotency_key, attempt: 1 }]);
  });

  test('runs with the edited arguments where a person edited', async () => {
    const key = newOrder();
    const { pay, paid } = payments(key);
    const running = pay(PAYMENT);
    await decide(key, 'approve-with-edits', { edits: { amount: 40 } });
    await running;
    assert.deepEqual([paid[0]?.amount, paid[0]?.to], [40, 'Example']);
  });

  test('takes several arguments, shown as a list', async () => {
    const key = newOrder();
    const add = gate(async (a: number, b: number) => a + b, {
      server: url,
      token: keys.agent,
      action_type: 'sums.add',
      summary: (a, b) => `Add ${a} and ${b} (${key})`,
    });
    const running = add(2, 3);
    await decide(key, 'approve');
    assert.equal(await running, 5);
    assert.deepEqual((await find(key)).params, { arguments: [2, 3] });
  });

  test('that was denied throws with the reason, and never runs', async () => {
    const key = newOrder();
    const { pay, paid } = payments(key);
    const running = pay(PAYMENT);
    const refused = assert.rejects(running, (error: unknown) => {
      assert.ok(error instanceof NotApprovedError);
      assert.match(error.message, /was denied \(too much\); it did not run/);
      return error.approval.status === 'denied';
    });
    await decide(key, 'deny', { reason: 'too much' });
    await refused;
    assert.equal(paid.length, 0);
  });

  test('that fails throws its own error, records it, and is not run again', async () => {
    const key = newOrder();
    let ran = 0;
    const failing = () =>
      gate(
        async (_payment: Payment): Promise<string> => {
          ran++;
          throw new TypeError('no such account');
        },
        { server: url, token: keys.agent, action_type: 'p.s', summary: () => `Pay (${key})`, key: () => key },
      )(PAYMENT);
    const first = assert.rejects(failing(), TypeError);
    await decide(key, 'approve');
    await first;
    assert.equal((await find(key)).execution?.error, 'no such account');
    await assert.rejects(failing(), RunFailedError);
    assert.equal(ran, 1);
  });

  test('that is called again under its key gives the first result and does not run', async () => {
    const key = newOrder();
    const { pay, paid } = payments(key);
    const running = pay(PAYMENT);
    await decide(key, 'approve');
    await running;
    const restarted = payments(key);
    assert.deepEqual(await restarted.pay(PAYMENT), { receipt: 'r1' });
    assert.deepEqual([paid.length, restarted.paid.length], [1, 0]);
    await assert.rejects(restarted.pay({ ...PAYMENT, amount: 1 }), ValidationError);
  });

  for (const where of ['asked', 'approval seen'] as const) {
    test(`resumes after a crash at "${where}", and runs once`, async () => {
      const key = newOrder();
      const crashed = payments(key, {
        onPoint: (point) => {
          if (point === where) throw new Crash();
        },
      });
      const first = assert.rejects(crashed.pay(PAYMENT), Crash);
      if (where === 'approval seen') await decide(key, 'approve');
      await first;
      const resumed = payments(key);
      const running = resumed.pay(PAYMENT);
      if (where === 'asked') await decide(key, 'approve');
      await running;
      assert.deepEqual([crashed.paid.length, resumed.paid.length], [0, 1]);
    });
  }

  for (const [where, ran] of [
    ['run claimed', 0],
    ['run done', 1],
  ] as const) {
    test(`INVARIANT: never runs a second time after a crash at "${where}"; it is unknown`, async () => {
      const key = newOrder();
      const crashed = payments(key, {
        lease_s: 1,
        onPoint: (point) => {
          if (point === where) throw new Crash();
        },
      });
      const first = assert.rejects(crashed.pay(PAYMENT), Crash);
      await decide(key, 'approve');
      await first;
      const resumed = payments(key, { lease_s: 1 });
      await assert.rejects(resumed.pay(PAYMENT), UnknownOutcomeError);
      assert.deepEqual([crashed.paid.length, resumed.paid.length], [ran, 0]);
      assert.equal((await find(key)).status, 'unknown');
    });
  }

  test('with 4 processes that resume at once after a crash: one runs, all get the result', async () => {
    const key = newOrder();
    const resumers = Array.from({ length: 4 }, () => payments(key));
    const running = resumers.map(({ pay }) => pay(PAYMENT));
    await decide(key, 'approve');
    const results = await Promise.all(running);
    assert.equal(
      resumers.reduce((sum, { paid }) => sum + paid.length, 0),
      1,
    );
    assert.deepEqual(new Set(results.map(({ receipt }) => receipt)), new Set(['r1']));
  });
});
