/**
 * Who may decide, as a table: every kind of principal against every route that decides.
 * INVARIANT: an agent or service key never decides, and what a body says never changes who decided.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { NewKey } from '../../schemas/people.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { assertRefused, call } from '../support/call.ts';
import { addPerson, ask, countAll, type Running, signIn, startCountersign } from '../support/server.ts';

/** Decisions by route and body, each of which a person could take on a pending approval. */
const DECISIONS: [verb: string, body: Record<string, unknown>][] = [
  ['approve', {}],
  ['approve-with-edits', { edits: { amount: 10 } }],
  ['deny', {}],
  ['respond', { decision: 'approve' }],
  ['respond', { decision: 'approve_with_edits', modified_params: { amount: 10 } }],
  ['respond', { decision: 'deny' }],
  ['respond', { decision: 'override', override_action: 'Wait a week' }],
  ['respond', { decision: 'take_over' }],
];

/** What each principal is answered: to a decision, to a withdrawal, to a message, to settling what isn't unknown. */
const TABLE = {
  'the agent’s own key': { decide: 403, cancel: 200, message: 201, settle: 403 },
  'a key bound to the same agent': { decide: 403, cancel: 200, message: 201, settle: 403 },
  'a key bound to another agent': { decide: 404, cancel: 404, message: 404, settle: 404 },
  'a service key': { decide: 403, cancel: 403, message: 403, settle: 403 },
  'a viewer': { decide: 403, cancel: 403, message: 403, settle: 403 },
  'a reviewer': { decide: 200, cancel: 403, message: 201, settle: 409 },
  'an admin': { decide: 200, cancel: 200, message: 201, settle: 409 },
  'a session': { decide: 200, cancel: 200, message: 201, settle: 409 },
} as const;

type Name = keyof typeof TABLE;
type Caller = { key: string | null; headers: Record<string, string> };

async function callersOf(server: Running): Promise<Record<Name, Caller>> {
  const { url, keys, first } = server;
  const byKey = (key: string): Caller => ({ key, headers: {} });
  const bound = async (agent_id: string) => {
    const made = await call<NewKey>(url, keys.personal, 'POST', '/v1/keys', {
      kind: 'agent',
      name: agent_id,
      agent_id,
    });
    return byKey(made.body.key);
  };
  return {
    'the agent’s own key': byKey(keys.agent),
    'a key bound to the same agent': await bound('agent-a'),
    'a key bound to another agent': await bound('agent-b'),
    'a service key': byKey(keys.service),
    'a viewer': byKey((await addPerson(server, 'viewer')).key),
    'a reviewer': byKey((await addPerson(server, 'reviewer')).key),
    'an admin': byKey(keys.personal),
    'a session': { key: null, headers: { Cookie: await signIn(first.sign_in_url), Origin: url } },
  };
}

describe('permission', async () => {
  let stranger: FirstRun['keys'] = { agent: '', service: '', personal: '' };
  const server = await startCountersign({
    seed: async (store) => {
      stranger = (await addWorkspace(store)).keys;
    },
  });
  after(() => server.stop());
  const { url, keys } = server;
  const callers = await callersOf(server);
  const post = <T>({ key, headers }: Caller, path: string, body: object = {}) =>
    call<T>(url, key, 'POST', path, body, headers);
  const path = async (more: Record<string, unknown> = {}) =>
    `/v1/approvals/${(await ask(server, { agent_id: 'agent-a', ...more })).id}`;

  for (const [name, expected] of Object.entries(TABLE)) {
    const caller = callers[name as Name];

    test(`${name} gets ${expected.decide} for every decision`, async () => {
      for (const [verb, body] of DECISIONS) {
        const at = await path();
        const { status } = await post(caller, `${at}/${verb}`, body);
        assert.equal(status, expected.decide, `${verb} ${JSON.stringify(body)}`);
        if (expected.decide === 200) continue;
        const now = await call<Approval>(url, keys.personal, 'GET', at);
        assert.deepEqual([now.body.status, now.body.version], ['pending', 1]);
      }
    });

    test(`${name} in a batch decides ${expected.decide === 200 ? 'too' : 'nothing'}`, async () => {
      const id = (await path()).split('/').at(-1);
      type Batch = { results: { ok: boolean; problem?: { status: number } }[] };
      const { body } = await post<Batch>(caller, '/v1/approvals/decide', { ids: [id], decision: 'approve' });
      const [result] = body.results;
      assert.equal(result?.ok ? 200 : result?.problem?.status, expected.decide);
    });

    test(`${name} gets ${expected.cancel} for withdrawing, ${expected.message} for talking, ${expected.settle} for settling`, async () => {
      assert.equal((await post(caller, `${await path()}/cancel`)).status, expected.cancel);
      assert.equal(
        (await post(caller, `${await path()}/messages`, { content: 'x' })).status,
        expected.message,
      );
      const settled = { outcome: 'executed', note: 'seen' };
      assert.equal((await post(caller, `${await path()}/settle`, settled)).status, expected.settle);
    });
  }

  test('a name in the body is kept as a note and never becomes the approver', async () => {
    const body = { approver_name: 'Somebody Important', reason: 'ok' };
    const { body: done } = await post<Approval>(callers['a reviewer'], `${await path()}/approve`, body);
    assert.equal(done.decision?.approver_name, 'A reviewer');
    assert.equal(done.decision?.note, 'Somebody Important');
    assert.equal(done.answered_by, done.decision?.approver_id);
    const trail = await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${done.id}/events`);
    assert.equal(trail.body.items.at(-1)?.actor.name, 'A reviewer');
  });

  test('critical risk needs a session to approve, and nothing more than a key to deny', async () => {
    const critical = { risk_level: 'critical' };
    assertRefused(await post(callers['an admin'], `${await path(critical)}/approve`), 403, 'forbidden');
    assert.equal((await post(callers['an admin'], `${await path(critical)}/deny`)).status, 200);
    const done = await post<Approval>(callers['a session'], `${await path(critical)}/approve`);
    assert.deepEqual([done.body.decision?.via, done.body.decision?.assurance], ['web', 'session']);
  });

  test('where there are assignees, only they and admins decide', async () => {
    const assigned = await addPerson(server, 'reviewer', 'Assigned reviewer');
    const to = { assignees: [assigned.id] };
    assertRefused(await post(callers['a reviewer'], `${await path(to)}/deny`), 403, 'forbidden');
    assert.equal((await post({ key: assigned.key, headers: {} }, `${await path(to)}/deny`)).status, 200);
    assert.equal((await post(callers['an admin'], `${await path(to)}/deny`)).status, 200);
  });

  test('nobody decides on their own request, unless the workspace allows it', async () => {
    const asked = await ask(server, {}, keys.personal);
    const own = `/v1/approvals/${asked.id}/approve`;
    assertRefused(await post(callers['an admin'], own), 403, 'forbidden');
    assertRefused(await post(callers['a session'], own), 403, 'forbidden');
    await call(url, keys.personal, 'PUT', '/v1/settings', { allow_self_approval: true });
    assertRefused(await post(callers['an admin'], own), 403, 'forbidden');
    const open = await ask(server, {}, keys.personal);
    assert.equal(open.self_approval, true, 'and every card says so');
    assert.equal((await post(callers['an admin'], `/v1/approvals/${open.id}/approve`)).status, 200);
    await call(url, keys.personal, 'PUT', '/v1/settings', { allow_self_approval: false });
    const other = await ask(server, {}, keys.personal);
    assert.equal((await post(callers['a reviewer'], `/v1/approvals/${other.id}/approve`)).status, 200);
  });

  test('a key bound to an agent speaks only for it', async () => {
    const bound = callers['a key bound to the same agent'].key;
    assert.ok(bound);
    assert.equal((await ask(server, {}, bound)).agent_id, 'agent-a');
    const other = { action_type: 'x.y', action_summary: 's', agent_id: 'agent-b' };
    assertRefused(await call(url, bound, 'POST', '/v1/approvals', other), 403, 'forbidden');
    type Page = { items: Approval[]; pending_count: number };
    const seen = await call<Page>(url, bound, 'GET', '/v1/approvals?limit=200');
    assert.ok(seen.body.items.length > 0);
    assert.ok(seen.body.items.every(({ agent_id }) => agent_id === 'agent-a'));
    const foreign = await call<Page>(url, bound, 'GET', '/v1/approvals?agent_id=agent-b');
    assert.equal(foreign.body.items.length, 0);
  });

  test('another workspace’s ids are not found, by any key and on every route', async () => {
    const before = await countAll(server);
    const at = await path();
    const id = at.split('/').at(-1);
    for (const key of Object.values(stranger)) {
      const gone = async (method: string, rest: string, body?: object) => {
        const answer = await call(url, key, method, rest, body);
        assertRefused(answer, 404, 'not_found');
      };
      for (const rest of ['', '/status', '/events', '/messages']) await gone('GET', `${at}${rest}`);
      for (const [verb, body] of DECISIONS) await gone('POST', `${at}/${verb}`, body);
      await gone('POST', `${at}/cancel`, {});
      await gone('POST', `${at}/messages`, { content: 'hello?' });
      const list = await call<{ items: unknown[] }>(url, key, 'GET', '/v1/approvals');
      assert.deepEqual(list.body.items, []);
    }
    const { body } = await call<{ results: { ok: boolean }[] }>(
      url,
      stranger.personal,
      'POST',
      '/v1/approvals/decide',
      { ids: [id], decision: 'deny' },
    );
    assert.equal(body.results[0]?.ok, false);
    const member = server.first.member_id;
    const personal = stranger.personal;
    assertRefused(await call(url, personal, 'DELETE', `/v1/members/${member}`), 404, 'not_found');
    assertRefused(
      await call(url, personal, 'POST', `/v1/members/${member}/sign-in-link`, {}),
      404,
      'not_found',
    );
    const mine = await call<{ items: { id: string }[] }>(url, keys.personal, 'GET', '/v1/keys');
    const [key] = mine.body.items;
    assertRefused(await call(url, personal, 'DELETE', `/v1/keys/${key?.id}`), 404, 'not_found');
    const members = await call<{ items: unknown[] }>(url, personal, 'GET', '/v1/members');
    assert.equal(members.body.items.length, 1, 'its own admin and nobody else');
    assert.equal(await countAll(server), before + 1);
  });
});
