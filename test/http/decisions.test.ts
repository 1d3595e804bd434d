/** What a decision does over HTTP: edits, quorum, passing on, other systems' words, batches, stale versions. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Problem } from '../../schemas/problem.ts';
import { type Answer, assertRefused, call } from '../support/call.ts';
import { addPerson, ask, startCountersign } from '../support/server.ts';

const ASKED = { amount: 120.5, currency: 'EUR', payee: { name: 'Example Supplies' }, purpose: 'Paper' };

describe('decisions', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const one = await addPerson(server, 'reviewer', 'Reviewer One');
  const two = await addPerson(server, 'reviewer', 'Reviewer Two');
  const viewer = await addPerson(server, 'viewer', 'Viewer');
  const newPath = async (more: Record<string, unknown> = {}) =>
    `/v1/approvals/${(await ask(server, more)).id}`;
  const post = <T = Approval>(path: string, body: object = {}, key = one.key): Promise<Answer<T>> =>
    call<T>(url, key, 'POST', path, body);
  const read = async (path: string) => (await call<Approval>(url, keys.personal, 'GET', path)).body;

  test('an approval records who, when, how and why, and answers with the next version', async () => {
    const path = await newPath();
    const { status, body, headers } = await post(`${path}/approve`, { reason: 'in budget', version: 1 });
    assert.equal(status, 200);
    assert.equal(headers.get('etag'), '"2"');
    const { decision } = body;
    assert.deepEqual(
      [decision?.kind, decision?.approver_id, decision?.via, decision?.assurance, decision?.reason],
      ['approve', one.id, 'api', 'linked', 'in budget'],
    );
    assert.equal(body.decided_at, decision?.decided_at);
    assert.equal(body.votes.length, 1);
    assert.equal(body.execution, null, 'nothing to run: the agent runs it');
    assert.deepEqual(await read(path), body);
  });

  test('a decision without a body is a decision without words', async () => {
    const path = await newPath();
    assert.equal((await call<Approval>(url, one.key, 'POST', `${path}/deny`)).body.status, 'denied');
  });

  test('edits are a merge patch or dotted paths, and only what may be edited changes', async () => {
    const patch = await post(`${await newPath()}/approve-with-edits`, {
      edits: { amount: 99, purpose: 'Ink' },
    });
    assert.equal(patch.body.status, 'approved_with_edits');
    assert.deepEqual(patch.body.decision?.modified_params, { ...ASKED, amount: 99, purpose: 'Ink' });
    assert.deepEqual(patch.body.params, ASKED, 'what was asked stays as it was asked');
    const cost = await post(`${await newPath()}/approve-with-edits`, { edits: { 'cost.usd': 5 } });
    assert.deepEqual(cost.body.decision?.modified_cost, { usd: 5 });
    assert.equal(cost.body.decision?.modified_params, null);
  });

  test('edits that don’t fit are refused with the edit that is wrong, and change nothing', async () => {
    const wrong: [edits: Record<string, unknown>, place: string][] = [
      [{ amount: '99' }, 'edits/amount'],
      [{ amount: 0 }, 'edits/amount'],
      [{ amount: null }, 'edits/amount'],
      [{ currency: 'USD' }, 'edits/currency'],
      [{ 'payee.name': 'Somebody else' }, 'edits/payee/name'],
      [{ iban: 'X' }, 'edits/iban'],
      [{ 'payee.bank.name': 'X' }, 'edits/payee.bank.name'],
      [{ 'cost.time': 1 }, 'edits/cost.time'],
      [{ amount: 120.5 }, 'edits'],
      [{}, 'edits'],
    ];
    const path = await newPath();
    for (const [edits, place] of wrong) {
      assertRefused(await post(`${path}/approve-with-edits`, { edits }), 400, 'invalid_input', place);
    }
    assertRefused(await post(`${path}/approve-with-edits`), 400, 'invalid_input', 'body/edits');
    assert.equal((await read(path)).version, 1);
  });

  test('one call says every decision, in our words and in those of other systems', async () => {
    const words: [word: string, more: object, status: string][] = [
      ['approve', {}, 'approved'],
      ['approved', {}, 'approved'],
      ['approve_with_edits', { modified_params: { amount: 1 } }, 'approved_with_edits'],
      ['approved_with_modifications', { modified_params: { amount: 1 } }, 'approved_with_edits'],
      ['deny', {}, 'denied'],
      ['reject', {}, 'denied'],
      ['rejected', {}, 'denied'],
      ['override', { override_action: { do: 'refund' } }, 'overridden'],
      ['overridden', { override_action: 'Refund instead' }, 'overridden'],
      ['take_over', {}, 'taken_over'],
      ['delegate', { delegate_to: two.id }, 'pending'],
      ['delegated', { delegate_to: two.id }, 'pending'],
    ];
    for (const [decision, more, status] of words) {
      const { body } = await post(`${await newPath()}/respond`, { decision, ...more });
      assert.equal(body.status, status, decision);
    }
  });

  test('an override names the other action, and the agent may not run what it asked for', async () => {
    const { body } = await post(`${await newPath()}/respond`, {
      decision: 'override',
      override_action: 'Use the card',
    });
    assert.equal(body.decision?.override_action, 'Use the card');
    assert.equal(body.execution, null);
  });

  test('a decision that says two things, or half of one, is refused with the place', async () => {
    const wrong: [body: object, place: string][] = [
      [{}, 'body/decision'],
      [{ decision: 'maybe' }, 'body/decision'],
      [{ decision: 'constructor' }, 'body/decision'],
      [{ decision: 'approve', modified_params: { amount: 1 } }, 'body/modified_params'],
      [{ decision: 'deny', override_action: 'x' }, 'body/override_action'],
      [{ decision: 'approve', delegate_to: two.id }, 'body/delegate_to'],
      [{ decision: 'approve_with_edits' }, 'body/modified_params'],
      [{ decision: 'delegate' }, 'body/delegate_to'],
      [{ decision: 'override' }, 'body/override_action'],
      [{ decision: 'deny', approver_id: two.id }, 'body/approver_id'],
    ];
    const path = await newPath();
    for (const [body, place] of wrong) {
      assertRefused(await post(`${path}/respond`, body), 400, 'invalid_input', place);
    }
    assert.equal((await read(path)).version, 1);
  });

  test('a decision on an older version is refused with what has changed since', async () => {
    const path = await newPath();
    await call(url, two.key, 'POST', `${path}/messages`, { content: 'What does it cost?' });
    const late = await post<Problem & { changes?: { type: string }[] }>(`${path}/approve`, { version: 1 });
    assertRefused(late, 409, 'conflict');
    assert.deepEqual(
      late.body.changes?.map(({ type }) => type),
      ['approval.question_asked', 'approval.context_answered'],
    );
    assert.equal((await post(`${path}/approve`, { version: 3 })).status, 200);
  });

  test('a late decision learns who was first, when and through which door', async () => {
    const path = await newPath();
    const first = await post(`${path}/deny`);
    for (const [verb, body] of [
      ['approve', {}],
      ['respond', { decision: 'take_over' }],
      ['messages', { content: '?' }],
    ] as const) {
      const late = await call(url, two.key, 'POST', `${path}/${verb}`, body);
      assertRefused(late, 409, 'conflict');
      assert.deepEqual(
        [late.body.decided_by, late.body.decided_at, late.body.via, late.body.approval_status],
        [one.name, first.body.decided_at, 'api', 'denied'],
      );
      assert.match(late.body.detail, /already denied by Reviewer One via api at 20/);
    }
  });

  test('a quorum of two needs two people, and one person twice is one', async () => {
    const path = await newPath({ quorum: 2 });
    const first = await post(`${path}/approve`);
    assert.deepEqual([first.body.status, first.body.votes.length], ['pending', 1]);
    assertRefused(await post<unknown>(`${path}/approve`), 409, 'conflict');
    const second = await post(`${path}/approve`, {}, two.key);
    assert.deepEqual([second.body.status, second.body.votes.length], ['approved', 2]);
  });

  test('with a quorum the first denial ends it', async () => {
    const path = await newPath({ quorum: 2 });
    await post(`${path}/approve`);
    assert.equal((await post(`${path}/deny`, {}, two.key)).body.status, 'denied');
  });

  test('an edit voids the votes for other words, and the quorum is of people who saw the same', async () => {
    const path = await newPath({ quorum: 2 });
    await post(`${path}/approve`);
    const edited = await post(`${path}/approve-with-edits`, { edits: { amount: 50 } }, two.key);
    assert.deepEqual(
      edited.body.votes.map(({ approver_id }) => approver_id),
      [two.id],
      'the vote for 120.50 is void',
    );
    assert.equal(edited.body.status, 'pending');
    const done = await post(`${path}/approve`);
    assert.equal(done.body.status, 'approved_with_edits');
    assert.equal(done.body.decision?.modified_params?.['amount'], 50);
  });

  test('passing on adds the next person, and only to somebody who may decide', async () => {
    const path = await newPath({ assignees: [one.id] });
    const delegate = (delegate_to: string, key = one.key) =>
      post(`${path}/respond`, { decision: 'delegate', delegate_to }, key);
    for (const nobody of ['mem_00000000000000000000000000', viewer.id, one.id, 'a person']) {
      assertRefused(await delegate(nobody), 400, 'invalid_input', 'body/delegate_to');
    }
    const { body } = await delegate(two.id);
    assert.deepEqual([body.status, body.assignees, body.delegated_to], ['pending', [two.id], two.id]);
    assertRefused(await post<unknown>(`${path}/approve`), 403, 'forbidden');
    assertRefused(await delegate(one.id, two.key), 400, 'invalid_input', 'body/delegate_to');
    assert.equal((await post(`${path}/approve`, {}, two.key)).status, 200);
  });

  test('an approval is passed on three times at most, and never in a circle', async () => {
    const people = [one, two];
    for (const n of [3, 4, 5]) people.push(await addPerson(server, 'reviewer', `Reviewer ${n}`));
    const path = await newPath({ assignees: [one.id] });
    const hop = (from: number, to: number) =>
      post(
        `${path}/respond`,
        { decision: 'delegate', delegate_to: people[to]?.id ?? '' },
        people[from]?.key ?? '',
      );
    for (const from of [0, 1, 2]) assert.equal((await hop(from, from + 1)).status, 200);
    assertRefused(await hop(3, 4), 409, 'conflict');
    const { body } = await post(`${path}/deny`, {}, people[3]?.key);
    assert.deepEqual(body.delegation_chain, [one.id, two.id, people[2]?.id]);
  });

  test('the agent withdraws what is open, once', async () => {
    const path = await newPath();
    const { body } = await post(`${path}/cancel`, { reason: 'not needed any more' }, keys.agent);
    assert.deepEqual([body.status, body.decision], ['cancelled', null]);
    assertRefused(await post<unknown>(`${path}/cancel`, {}, keys.agent), 409, 'conflict');
    assertRefused(await post<unknown>(`${path}/approve`), 409, 'conflict');
  });

  test('settling is only for what is unknown', async () => {
    const body = { outcome: 'executed', note: 'seen at the bank' };
    assertRefused(await post<unknown>(`${await newPath()}/settle`, body), 409, 'conflict');
    assertRefused(await post<unknown>(`${await newPath()}/settle`), 400, 'invalid_input', 'body/outcome');
  });

  describe('in a batch', () => {
    type Result = { id: string; ok: boolean; status?: string; problem?: Problem };
    const decide = (body: object) => post<{ results: Result[] }>('/v1/approvals/decide', body);

    test('each is answered for itself: decided, decided before, unknown, or too risky for a batch', async () => {
      const open = await ask(server);
      const high = await ask(server, { risk_level: 'high' });
      const critical = await ask(server, { risk_level: 'critical' });
      const done = await ask(server);
      await post(`/v1/approvals/${done.id}/deny`);
      const unknown = 'apr_00000000000000000000000000';
      const ids = [open.id, high.id, critical.id, done.id, unknown];
      const { status, body } = await decide({ ids, decision: 'approve', reason: 'all fine' });
      assert.equal(status, 200);
      assert.deepEqual(
        body.results.map(({ id, ok, status: now, problem }) => [id, ok, now ?? problem?.code]),
        [
          [open.id, true, 'approved'],
          [high.id, false, 'forbidden'],
          [critical.id, false, 'forbidden'],
          [done.id, false, 'conflict'],
          [unknown, false, 'not_found'],
        ],
      );
      assert.equal((await read(`/v1/approvals/${high.id}`)).status, 'pending');
      assert.equal((await read(`/v1/approvals/${open.id}`)).decision?.reason, 'all fine');
    });

    test('only approve and deny are possible, for 1 to 100 different ids', async () => {
      const { id } = await ask(server);
      const wrong: [body: object, place: string][] = [
        [{ ids: [id], decision: 'take_over' }, 'body/decision'],
        [{ ids: [], decision: 'deny' }, 'body/ids'],
        [{ ids: [id, id], decision: 'deny' }, 'body/ids'],
        [{ ids: ['x'], decision: 'deny' }, 'body/ids/0'],
        [{ ids: Array.from({ length: 101 }, (_, n) => `apr_${1e9 + n}`), decision: 'deny' }, 'body/ids'],
      ];
      for (const [body, place] of wrong) assertRefused(await decide(body), 400, 'invalid_input', place);
      assert.equal((await decide({ ids: [id], decision: 'rejected' })).body.results[0]?.status, 'denied');
    });
  });
});
