/** Routing over HTTP: groups, agents with an owner, changed members, what is refused when asked or set, locks, escalation. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Agent, Group, Member } from '../../schemas/people.ts';
import type { RoutingView, Simulation } from '../../schemas/routing.ts';
import { assertRefused, call } from '../support/call.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import type { Store } from '../../server/core/ports.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, ask, ENGINES, PAYMENT, startCountersign } from '../support/server.ts';
import { addWorkspace } from '../support/second-workspace.ts';

type Page<T> = { items: T[]; next_cursor: string | null };
type Told = { approval_id?: string; url?: string };

for (const engine of ENGINES) {
  describe(`routing on ${engine}`, async () => {
    const clock = manualClock(Date.now());
    const seeded: { other?: FirstRun } = {};
    const seed = async (store: Store) => {
      seeded.other = await addWorkspace(store);
    };
    const server = await startCountersign({ engine, clock, calls_per_minute: 100_000, seed });
    after(() => server.stop());
    const { url, keys, first } = server;
    const admin = <T>(method: string, path: string, body?: object) =>
      call<T>(url, keys.personal, method, path, body);
    const decide = (key: string, id: string, what = 'approve') =>
      call<Approval>(url, key, 'POST', `/v1/approvals/${id}/${what}`, {});
    const get = async (id: string) => (await admin<Approval>('GET', `/v1/approvals/${id}`)).body;
    const group = async (name: string, ...member_ids: string[]) => {
      const made = await admin<Group>('POST', '/v1/groups', { name, member_ids });
      assert.equal(made.status, 201, made.text);
      return made.body;
    };
    const refusedAsk = async (more: object, place: string) => {
      const answer = await call(url, keys.agent, 'POST', '/v1/approvals', { ...PAYMENT, ...more });
      assertRefused(answer, 400, 'invalid_input', place);
    };
    const ana = await addPerson(server, 'reviewer', 'Ana');
    const ben = await addPerson(server, 'reviewer', 'Ben');
    const dora = await addPerson(server, 'reviewer', 'Dora');
    const vic = await addPerson(server, 'viewer', 'Vic');
    const finance = await group('Finance', ana.id, ben.id);
    const legal = await group('Legal', dora.id);

    test('groups are made, listed, changed and removed by admins, and hold members of their workspace only', async () => {
      const spare = await group('Spare', ana.id);
      assertRefused(await admin('POST', '/v1/groups', { name: 'Spare' }), 409, 'conflict');
      const nested = await admin('POST', '/v1/groups', { name: 'Nested', member_ids: [spare.id] });
      assertRefused(nested, 400, 'invalid_input', 'body/member_ids/0');
      const stranger = { member_ids: ['mem_00000000000000000000000000'] };
      assertRefused(
        await admin('PATCH', `/v1/groups/${spare.id}`, stranger),
        400,
        'invalid_input',
        'body/member_ids/0',
      );
      assertRefused(await admin('PATCH', `/v1/groups/${spare.id}`, { name: 'Legal' }), 409, 'conflict');
      const changed = await admin<Group>('PATCH', `/v1/groups/${spare.id}`, {
        name: 'More',
        member_ids: [ben.id],
      });
      assert.deepEqual([changed.body.name, changed.body.member_ids], ['More', [ben.id]]);
      assert.deepEqual((await admin<Group>('GET', `/v1/groups/${spare.id}`)).body, changed.body);
      const names = (await admin<Page<Group>>('GET', '/v1/groups')).body.items.map(({ name }) => name);
      assert.deepEqual(names, ['Finance', 'Legal', 'More']);
      for (const key of [ana.key, keys.service, keys.agent]) {
        assertRefused(await call(url, key, 'POST', '/v1/groups', { name: 'x' }), 403, 'forbidden');
        assertRefused(await call(url, key, 'DELETE', `/v1/groups/${spare.id}`), 403, 'forbidden');
      }
      assertRefused(await call(url, keys.agent, 'GET', '/v1/groups'), 403, 'forbidden');
      assert.equal((await admin('DELETE', `/v1/groups/${spare.id}`)).status, 204);
      assertRefused(await admin('GET', `/v1/groups/${spare.id}`), 404, 'not_found');
      assertRefused(await admin('DELETE', `/v1/groups/${spare.id}`), 404, 'not_found');
    });

    test('a group that is asked is found by its members as theirs, and decided by them', async () => {
      const asked = await ask(server, { assignees: [finance.id] });
      const mine = async (key: string) =>
        (await call<Page<Approval>>(url, key, 'GET', '/v1/approvals?assignee=me')).body.items.map(
          ({ id }) => id,
        );
      assert.ok((await mine(ana.key)).includes(asked.id));
      assert.ok(!(await mine(dora.key)).includes(asked.id));
      assertRefused(await decide(dora.key, asked.id), 403, 'forbidden');
      assert.equal((await decide(ben.key, asked.id)).body.status, 'approved');
    });

    // openbao/openbao#3815: a same-named group elsewhere could authorise.
    test('a group of the same name in another workspace is unknown here, and asks and authorises nobody', async () => {
      const { other } = seeded;
      assert.ok(other);
      const theirs = await call<Group>(url, other.keys.personal, 'POST', '/v1/groups', {
        name: 'Finance',
        member_ids: [other.member_id],
      });
      assert.equal(theirs.status, 201, theirs.text);
      await refusedAsk({ assignees: [theirs.body.id] }, 'body/assignees/0');
      await refusedAsk({ requirement: theirs.body.id }, 'body/requirement');
      const asked = await ask(server, { assignees: [finance.id] });
      assertRefused(await decide(other.keys.personal, asked.id), 404, 'not_found');
      assertRefused(await admin('GET', `/v1/groups/${theirs.body.id}`), 404, 'not_found');
      const foreign = { member_ids: [other.member_id] };
      const path = `/v1/groups/${finance.id}`;
      assertRefused(await admin('PATCH', path, foreign), 400, 'invalid_input', 'body/member_ids/0');
    });

    // openbao/openbao#3666: approvals of 0, or omitted, passed with nobody.
    test('what nobody could meet is refused when it is asked, with its place', async () => {
      const empty = await group('Empty');
      const viewers = await group('Viewers', vic.id);
      for (const quorum of [0, -1, 1.5, '2', null, 51]) await refusedAsk({ quorum }, 'body/quorum');
      await refusedAsk({ quorum: 5 }, 'body/quorum');
      await refusedAsk({ assignees: [finance.id], quorum: 4 }, 'body/quorum');
      await refusedAsk({ assignees: [empty.id] }, 'body/assignees/0');
      await refusedAsk({ assignees: [viewers.id] }, 'body/assignees/0');
      await refusedAsk({ assignees: [vic.id] }, 'body/assignees/0');
      await refusedAsk({ requirement: { all: [] } }, 'body/requirement/all');
      await refusedAsk({ requirement: { n: 0, of: 'anyone' } }, 'body/requirement/n');
      await refusedAsk({ requirement: empty.id }, 'body/requirement');
      await refusedAsk({ requirement: { n: 3, of: finance.id } }, 'body/requirement');
      await refusedAsk({ requirement: { all: [dora.id, { n: 1, of: legal.id }] } }, 'body/requirement');
      await refusedAsk({ escalation: [{ after_s: 60, to: [empty.id] }] }, 'body/escalation/0/to/0');
      await refusedAsk(
        { expires_in_s: 60, escalation: [{ after_s: 60, to: [dora.id] }] },
        'body/escalation/0/after_s',
      );
      const omitted = await ask(server, { assignees: [finance.id] });
      assert.equal(omitted.quorum, 1, 'one at the least');
    });

    test('what nobody could meet is refused when it is set, with its place', async () => {
      const set = async (body: object, place: string) =>
        assertRefused(await admin('PUT', '/v1/settings', body), 400, 'invalid_input', place);
      const quorum = { low: 1, medium: 1, high: 2, critical: 2 };
      await set({ quorum: { ...quorum, critical: 9 } }, 'body/quorum/critical');
      await set({ quorum: { ...quorum, low: 0 } }, 'body/quorum/low');
      const route = { action_type: 'wire.*' };
      await set({ routes: [{ ...route, quorum: 9 }] }, 'body/routes/0');
      await set({ routes: [route, { ...route, assignees: [vic.id] }] }, 'body/routes/1/assignees/0');
      await set({ routes: [{ ...route, requirement: { n: 3, of: finance.id } }] }, 'body/routes/0');
      await set(
        { routes: [{ ...route, requirement: { n: 'x', of: 'anyone' } }] },
        'body/routes/0/requirement/n',
      );
      await set(
        { routes: [{ ...route, escalation: [{ after_s: 60, to: ['grp_none'] }] }] },
        'body/routes/0/escalation/0/to/0',
      );
      const kept = await admin('PUT', '/v1/settings', {
        quorum: { low: 1, medium: 1, high: 1, critical: 1 },
      });
      assert.equal(kept.status, 200, kept.text);
    });

    test('two of Finance and Legal: the card waits for whom it needs, a removed vote does not count', async () => {
      const leaver = await addPerson(server, 'reviewer', 'Leaver');
      const asked = await ask(server, { requirement: { all: [{ n: 1, of: 'anyone' }, legal.id] } });
      assert.deepEqual(asked.waiting_for?.needs, [
        { n: 1, of: 'Legal' },
        { n: 1, of: '' },
      ]);
      assert.equal((await decide(leaver.key, asked.id)).body.status, 'pending');
      assert.equal((await admin('DELETE', `/v1/members/${leaver.id}`)).status, 204);
      const one = await decide(dora.key, asked.id);
      assert.deepEqual([one.body.status, one.body.waiting_for?.counted], ['pending', [dora.id]]);
      const view = (await admin<RoutingView>('GET', `/v1/approvals/${asked.id}/routing`)).body;
      assert.deepEqual(view.waiting_for, { counted: [dora.id], needs: [{ n: 1, of: '' }], reachable: true });
      const done = await decide(ben.key, asked.id);
      assert.equal(done.body.status, 'approved');
      assert.deepEqual(
        done.body.votes.map(({ approver_id, counted }) => [approver_id, counted !== false]),
        [
          [leaver.id, false],
          [dora.id, true],
          [ben.id, true],
        ],
      );
    });

    test('a demoted reviewer has no vote any more, at once; the last admin can’t be demoted', async () => {
      const asked = await ask(server, { quorum: 2 });
      await decide(ana.key, asked.id);
      const change = (id: string, body: object) => admin<Member>('PATCH', `/v1/members/${id}`, body);
      assert.equal((await change(ana.id, { role: 'viewer' })).body.role, 'viewer');
      assertRefused(await decide(ana.key, asked.id, 'deny'), 403, 'forbidden');
      assert.equal((await decide(ben.key, asked.id)).body.status, 'pending');
      assert.equal((await change(ana.id, { role: 'reviewer', name: 'Ana B.' })).body.name, 'Ana B.');
      assert.equal((await decide(dora.key, asked.id)).body.status, 'approved');
      assertRefused(await change(first.member_id, { role: 'reviewer' }), 409, 'conflict');
      assertRefused(await change('mem_00000000000000000000000000', { name: 'x' }), 404, 'not_found');
      assertRefused(
        await call(url, ana.key, 'PATCH', `/v1/members/${ana.id}`, { role: 'admin' }),
        403,
        'forbidden',
      );
      assertRefused(
        await call(url, ana.key, 'PATCH', `/v1/members/${ben.id}`, { away: null }),
        403,
        'forbidden',
      );
    });

    test('an address belongs to one member, also when it is changed', async () => {
      await admin('PATCH', `/v1/members/${ana.id}`, { email: 'ana@example.com' });
      assertRefused(
        await admin('PATCH', `/v1/members/${ben.id}`, { email: 'Ana@example.com' }),
        409,
        'conflict',
      );
      assert.equal((await admin('PATCH', `/v1/members/${ana.id}`, { email: 'ana@example.com' })).status, 200);
    });

    test('whoever answers for an agent, or is acted for, does not decide on what it asks', async () => {
      const made = await admin<Agent>('POST', '/v1/agents', {
        agent_id: 'billing/bot',
        name: 'Billing',
        owner_id: ana.id,
      });
      assert.deepEqual([made.status, made.body.owner_id], [201, ana.id]);
      assertRefused(await admin('POST', '/v1/agents', { agent_id: 'billing/bot' }), 409, 'conflict');
      const path = '/v1/agents/billing%2Fbot';
      assertRefused(
        await admin('PATCH', path, { owner_id: 'mem_00000000000000000000000000' }),
        400,
        'invalid_input',
      );
      const owned = await ask(server, { agent_id: 'billing/bot' });
      assertRefused(await decide(ana.key, owned.id), 403, 'forbidden');
      assertRefused(await decide(ana.key, owned.id, 'deny'), 403, 'forbidden');
      const passed = { decision: 'delegate', delegate_to: ana.id };
      const respond = await call(url, ben.key, 'POST', `/v1/approvals/${owned.id}/respond`, passed);
      assertRefused(respond, 400, 'invalid_input', 'body/delegate_to');
      assert.equal((await decide(ben.key, owned.id)).body.status, 'approved');
      for (const user of [{ user_id: ana.id }, { delegated_from: 'ANA@example.com' }]) {
        const acting = await ask(server, user);
        assertRefused(await decide(ana.key, acting.id), 403, 'forbidden');
      }
      const two = { agent_id: 'billing/bot', assignees: [ana.id, ben.id], quorum: 3 };
      await refusedAsk(two, 'body/quorum');
      const later = await ask(server, { agent_id: 'billing/bot' });
      assert.equal((await admin<Agent>('PATCH', path, { owner_id: null })).body.owner_id, null);
      assert.equal((await decide(ana.key, later.id)).body.status, 'approved', 'she answers for it no more');
      assert.equal((await admin<Page<Agent>>('GET', '/v1/agents')).body.items.length, 1);
      assertRefused(await call(url, keys.agent, 'GET', '/v1/agents'), 403, 'forbidden');
      assertRefused(await call(url, ben.key, 'DELETE', path), 403, 'forbidden');
      assert.equal((await admin('DELETE', path)).status, 204);
      assertRefused(await admin('DELETE', path), 404, 'not_found');
    });

    test('a substitute decides in place of an absent member, and finds it as theirs', async () => {
      const until = new Date(clock.now() + 3_600_000).toISOString();
      const self = (body: object) => call<Member>(url, dora.key, 'PATCH', `/v1/members/${dora.id}`, body);
      const wrong: [body: object, place: string][] = [
        [{ away: { until, substitute_id: dora.id } }, 'body/away/substitute_id'],
        [{ away: { until, substitute_id: vic.id } }, 'body/away/substitute_id'],
        [{ away: { until: '2001-01-01T00:00:00.000Z', substitute_id: null } }, 'body/away/until'],
      ];
      for (const [body, place] of wrong) assertRefused(await self(body), 400, 'invalid_input', place);
      assert.deepEqual((await self({ away: { until, substitute_id: ben.id } })).body.away, {
        until,
        substitute_id: ben.id,
      });
      const asked = await ask(server, { requirement: legal.id });
      const mine = await call<Page<Approval>>(url, ben.key, 'GET', '/v1/approvals?assignee=me&limit=200');
      assert.ok(mine.body.items.some(({ id }) => id === asked.id));
      const done = await decide(ben.key, asked.id);
      assert.deepEqual([done.body.status, done.body.votes[0]?.in_place_of], ['approved', dora.id]);
      assert.equal((await self({ away: null })).body.away, null);
      const next = await ask(server, { requirement: legal.id });
      assertRefused(await decide(ben.key, next.id), 403, 'forbidden');
    });

    test('a group that is emptied leaves its approval pending and visibly stuck, and never approves it', async () => {
      const night = await group('Night', ana.id);
      const asked = await ask(server, { requirement: night.id });
      await admin('PATCH', `/v1/groups/${night.id}`, { member_ids: [] });
      await server.cases.worker.runDue();
      const stuck = await get(asked.id);
      assert.deepEqual([stuck.status, stuck.waiting_for?.reachable], ['pending', false]);
      assertRefused(await decide(ana.key, asked.id), 403, 'forbidden');
      assert.equal((await decide(keys.personal, asked.id)).body.status, 'pending');
      const view = (await admin<RoutingView>('GET', `/v1/approvals/${asked.id}/routing`)).body;
      assert.equal(view.problems.length, 1);
      await admin('PATCH', `/v1/groups/${night.id}`, { member_ids: [ben.id] });
      await server.cases.worker.runDue();
      assert.equal((await get(asked.id)).waiting_for?.reachable, true);
      assert.equal((await decide(ben.key, asked.id)).body.status, 'approved');
    });

    test('after its time the next group is asked too, and the earlier ones still may decide', async () => {
      const asked = await ask(server, {
        assignees: [ana.id],
        escalation: [{ after_s: 600, to: [legal.id] }],
      });
      assertRefused(await decide(dora.key, asked.id), 403, 'forbidden');
      clock.jump(600_000);
      await server.cases.worker.runDue();
      const next = await get(asked.id);
      assert.deepEqual(next.assignees, [ana.id, legal.id]);
      assert.equal((await decide(dora.key, asked.id)).body.status, 'approved');
    });

    test('one resource has one open approval: the second is told which is first, however many come at once', async () => {
      const route = { action_type: 'domains.*', conflict_lock: true, resource_path: '/domain' };
      assert.equal((await admin('PUT', '/v1/settings', { routes: [route] })).status, 200);
      const domain = (name: string) => ({
        ...PAYMENT,
        type: 'tool_call',
        action_type: 'domains.buy',
        params: { domain: name },
        expires_in_s: 3_600,
      });
      const answers = await Promise.all(
        Array.from({ length: 20 }, () =>
          call<Approval & Told>(url, keys.agent, 'POST', '/v1/approvals', domain('a.example')),
        ),
      );
      const made = answers.filter(({ status }) => status === 201);
      assert.equal(made.length, 1);
      const holder = made[0]?.body.id ?? '';
      for (const answer of answers.filter(({ status }) => status !== 201)) {
        assertRefused(answer, 409, 'conflict');
        assert.equal(answer.body.approval_id, holder);
      }
      assert.equal((await ask(server, domain('b.example'))).status, 'pending', 'another resource is free');
      assert.equal((await decide(ana.key, holder, 'deny')).body.status, 'denied');
      const second = await ask(server, domain('a.example'));
      clock.jump(3_600_000);
      const third = await ask(server, domain('a.example'));
      assert.equal((await get(second.id)).status, 'expired', 'its time was over, timer or not');
      assertRefused(
        await call(url, keys.agent, 'POST', '/v1/approvals', domain('a.example')),
        409,
        'conflict',
      );
      await call(url, keys.agent, 'POST', `/v1/approvals/${third.id}/cancel`, {});
      assert.equal((await ask(server, domain('a.example'))).status, 'pending');
      await refusedAsk({ ...domain('x'), params: {} }, 'body/params/domain');
      await admin('PUT', '/v1/settings', { routes: [] });
    });

    test('where the workspace says who decides, a request may name some of them and nobody else', async () => {
      const route = { action_type: 'payments.*', assignees: [finance.id], quorum: 2 };
      assert.equal((await admin('PUT', '/v1/settings', { routes: [route] })).status, 200);
      const plain = await ask(server, { quorum: 1 });
      assert.deepEqual([plain.assignees, plain.quorum], [[finance.id], 2]);
      assert.deepEqual((await ask(server, { assignees: [ana.id] })).assignees, [ana.id]);
      await refusedAsk({ assignees: [dora.id] }, 'body/assignees/0');
      assertRefused(await admin('DELETE', `/v1/groups/${finance.id}`), 409, 'conflict');
      const told = await admin<Simulation>('POST', '/v1/routing/simulate', {
        ...PAYMENT,
        assignees: [dora.id],
      });
      assert.equal(told.body.problems.length, 1, told.text);
      await admin('PUT', '/v1/settings', { routes: [] });
    });

    test('the simulator says who would be asked and when, and leaves nothing behind', async () => {
      const count = async () => (await admin<{ count: number }>('GET', '/v1/approvals/count')).body.count;
      const before = await count();
      const body = {
        ...PAYMENT,
        agent_id: 'bot-1',
        requirement: { all: [finance.id, { n: 1, of: 'anyone' }] },
        user_id: dora.id,
        escalation: [{ after_s: 600, to: [legal.id] }],
      };
      const told = await admin<Simulation>('POST', '/v1/routing/simulate', body);
      assert.equal(told.status, 200, told.text);
      const { quorum, eligible, excluded, waiting_for, problems } = told.body;
      assert.equal(quorum, 2);
      assert.deepEqual(eligible.map(({ id }) => id).toSorted(), [first.member_id, ana.id, ben.id].toSorted());
      assert.deepEqual(
        excluded.map(({ id }) => id),
        [dora.id],
      );
      assert.deepEqual(waiting_for.needs, [
        { n: 1, of: 'Finance' },
        { n: 1, of: '' },
      ]);
      assert.deepEqual(problems, [], told.text);
      assert.equal(await count(), before);
      const stuck = await admin<Simulation>('POST', '/v1/routing/simulate', { ...PAYMENT, quorum: 40 });
      assert.match(stuck.body.problems.join(), /quorum can’t be reached/);
      assertRefused(await call(url, keys.agent, 'POST', '/v1/routing/simulate', PAYMENT), 403, 'forbidden');
    });
  });
}
