/** The gate with the workspace's own gates: what it takes from the server, and that any doubt stops a call. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { createServerPolicy } from '../../client/gate-server-policy.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { Gates } from '../../schemas/gates.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { callHost, startHost } from '../support/host-app.ts';
import { startCountersign } from '../support/server.ts';

const said = (more: Partial<Gates>): Gates => ({ defaults: [], primitives: {}, action_types: {}, ...more });
const FREE = said({ primitives: { cards: 'not_required' } });

/** A policy whose server answers what the test says, and whose clock moves when the test says. */
function bench() {
  const state = { now: 0, asked: 0, answer: (): Promise<Gates> => Promise.resolve(FREE) };
  const errors: unknown[] = [];
  const policy = createServerPolicy({
    read: () => {
      state.asked++;
      return state.answer();
    },
    now: () => state.now,
    max_age_ms: 10_000,
    onError: (error) => void errors.push(error),
  });
  return { state, errors, policy };
}
const away = () => Promise.reject(new Error('away'));

test('a fresh answer is gone by at once, an older one is fetched again, and callers share one fetch', async () => {
  const { state, policy } = bench();
  const known = { primitives: { cards: false }, action_types: {} };
  assert.deepEqual(await Promise.all([policy.now(), policy.now(), policy.now()]), [known, known, known]);
  assert.equal(state.asked, 1);
  state.now = 4_999;
  assert.deepEqual([policy.now(), state.asked], [known, 1]);
  state.now = 5_000;
  assert.deepEqual([policy.now(), state.asked], [known, 2], 'nobody waits for the next one');
});

test('INVARIANT: on doubt a call is gated: nothing known, too old, or a clock that went back', async () => {
  const { state, errors, policy } = bench();
  state.answer = away;
  assert.equal(await policy.now(), null, 'nothing is known');
  state.answer = () => Promise.resolve(FREE);
  assert.notEqual(await policy.now(), null);
  state.answer = away;
  state.now = 10_000;
  assert.equal(await policy.now(), null, 'what is known is too old');
  state.now = -1;
  assert.equal(await policy.now(), null, 'the clock went back');
  assert.equal(errors.length, 3);
});

test('an answer is as old as its question', async () => {
  const { state, policy } = bench();
  const { promise, resolve } = Promise.withResolvers<Gates>();
  state.answer = () => promise;
  const first = policy.now();
  state.now = 9_999;
  resolve(FREE);
  await first;
  state.answer = away;
  state.now = 10_000;
  assert.equal(await policy.now(), null);
});

test('a word that nobody knows gates', async () => {
  const { state, policy } = bench();
  state.answer = () => Promise.resolve(said({ primitives: { cards: 'perhaps' as 'required' } }));
  assert.deepEqual(await policy.now(), { primitives: { cards: true }, action_types: {} });
});

describe('a host that takes its gates from the server', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const sleep = () => new Promise<void>((turn) => setImmediate(turn));
  const put = (body: object) => call(server.url, server.keys.personal, 'PUT', '/v1/gates', body);

  test('gates what the workspace says, from the next look on', async () => {
    const clock = { now: 0 };
    const host = await startHost(server, { name: 'taking', policy: 'server', now: () => clock.now });
    const cards = async () => (await callHost(host, '/v1/users/alice/cards', { name: 'Ads' })).status;
    const files = async () =>
      (await callHost(host, '/v1/users/alice/files/f1', undefined, undefined, 'DELETE')).status;
    assert.deepEqual([await cards(), await files()], [202, 201], 'the table, where nothing is said');
    await put({ primitives: { cards: 'not_required', files: 'required' } });
    clock.now += 10_000;
    assert.deepEqual([await cards(), await files()], [201, 202]);
    await put({ primitives: { cards: null, files: null } });
    clock.now += 10_000;
    assert.deepEqual([await cards(), await files()], [202, 201]);
    await host.stop();
  });

  test('a gated call that a rule approves runs without a person', async () => {
    const { url, keys } = server;
    const rule = {
      name: 'Cards of the buyer',
      match: { 'action.prefix': 'cards.' },
      applies_to: { agent_ids: ['buyer'] },
    };
    const saved = await call<{ id: string }>(url, keys.personal, 'POST', '/v1/rules', rule);
    const host = await startHost(server, { name: 'ruled' });
    const { status, body } = await callHost(host, '/v1/users/alice/cards', { name: 'Ads' });
    assert.equal(status, 202);
    const path = `/v1/approvals/${String(body['approval_id'])}`;
    const done = await eventually('it ran', async () => {
      const now = await call<Approval>(url, keys.personal, 'GET', path);
      return now.body.status === 'executed' && now.body;
    });
    assert.deepEqual(
      [done.answered_by, done.votes, host.arrived.length],
      [`auto:rule:${saved.body.id}`, [], 1],
    );
    await host.stop();
  });

  test('stops every declared call when the server can’t be asked, also one that would not be gated', async () => {
    const gone = await startCountersign();
    await gone.stop();
    const host = await startHost(gone, { name: 'alone', policy: 'server', sleep });
    const answer = await callHost(host, '/v1/users/alice/files/f1', undefined, undefined, 'DELETE');
    assert.deepEqual([answer.status, host.arrived.length], [503, 0]);
    assert.equal(
      (await callHost(host, '/v1/users/alice/notes', {})).status,
      201,
      'what is not declared passes',
    );
    await host.stop();
  });
});
