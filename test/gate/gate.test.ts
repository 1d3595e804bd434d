/** The gate in front of a real host app, with a real Countersign: who passes, what is frozen, what runs. */
import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { isPendingApproval } from '../../client/index.ts';
import type { Approval } from '../../schemas/approval.ts';
import { runKey } from '../../server/app/run-key.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { AGENT_KEY, callHost, startHost } from '../support/host-app.ts';
import { addPerson, countAll, startCountersign } from '../support/server.ts';

const CARD = { name: 'Ads', spending_limit_cents: 50_000 };
const CARDS = '/v1/users/alice/cards';

describe('the gate', async () => {
  const server = await startCountersign();
  const host = await startHost(server);
  after(async () => {
    await host.stop();
    await server.stop();
  });
  beforeEach(() => {
    host.arrived.length = 0;
  });
  const reviewer = await addPerson(server, 'reviewer');
  const read = async (id: string) =>
    (await call<Approval>(server.url, server.keys.personal, 'GET', `/v1/approvals/${id}`)).body;
  const decide = (id: string, verb: string, body: object = {}) =>
    call<Approval>(server.url, reviewer.key, 'POST', `/v1/approvals/${id}/${verb}`, body);
  const becomes = (id: string, status: string) =>
    eventually(`${id} ${status}`, async () => {
      const now = await read(id);
      return now.status === status && now;
    });
  const gated = async (body: unknown = CARD, headers?: Record<string, string>, path = CARDS) => {
    const answer = await callHost(host, path, body, headers);
    assert.ok(answer.status === 202 && isPendingApproval(answer.body), JSON.stringify(answer.body));
    return answer.body;
  };

  test('stops an agent’s call, and runs it once a person approved', async () => {
    const pending = await gated();
    assert.deepEqual(
      { ...pending, approval_id: '' },
      {
        status: 'pending_approval',
        approval_id: '',
        action_type: 'cards.create',
        primitive: 'cards',
        title: 'Issue a virtual card',
      },
    );
    assert.equal(host.arrived.length, 0, 'nothing ran');
    const asked = await read(pending.approval_id);
    assert.deepEqual(
      [asked.action_summary, asked.params, asked.agent_id, asked.user_id, asked.runner],
      ['Issue the card "Ads" for alice', CARD, 'buyer', 'alice', 'asker'],
    );
    await decide(pending.approval_id, 'approve');
    const done = await becomes(pending.approval_id, 'executed');
    assert.deepEqual(done.execution?.result, { card_id: 'card_1' });
    assert.deepEqual(
      host.arrived.map(({ url, body, approval_id }) => ({ url, body, approval_id })),
      [{ url: CARDS, body: CARD, approval_id: pending.approval_id }],
    );
  });

  test('runs the received bytes, with the frozen headers, its secrets and a stable Idempotency-Key', async () => {
    const raw = '{ "name":"Ads",\n "spending_limit_cents": 50000.00 }';
    const headers = {
      authorization: `Bearer ${AGENT_KEY}`,
      'accept-language': 'de',
      'x-trace': 'left behind',
    };
    const { approval_id } = await gated(raw, headers, `${CARDS}?notify=1`);
    await decide(approval_id, 'approve');
    const done = await becomes(approval_id, 'executed');
    const [ran] = host.arrived;
    assert.ok(ran);
    assert.deepEqual([ran.raw, ran.url], [raw, `${CARDS}?notify=1`]);
    assert.deepEqual(
      [ran.headers.authorization, ran.headers['accept-language'], ran.headers['x-trace']],
      [`Bearer ${AGENT_KEY}`, 'de', undefined],
    );
    assert.equal(ran.headers['idempotency-key'], runKey(done));
  });

  test('shows secrets to nobody: not in the approval, its trail, the feed’s data or the list', async () => {
    const secrets = { authorization: `Bearer ${AGENT_KEY}`, cookie: 'basket=s3cr3t', 'x-api-key': 's3cr3t' };
    const { approval_id } = await gated(CARD, secrets);
    for (const path of ['', '/events', '/status']) {
      const { text } = await call(
        server.url,
        server.keys.personal,
        'GET',
        `/v1/approvals/${approval_id}${path}`,
      );
      assert.doesNotMatch(text, new RegExp(`${AGENT_KEY}|s3cr3t`));
    }
    const asked = await read(approval_id);
    assert.equal(asked.request?.headers?.['x-sealed-headers'], 'authorization, cookie, x-api-key');
    await decide(approval_id, 'approve');
    await becomes(approval_id, 'executed');
    const {
      authorization,
      cookie,
      'x-api-key': api_key,
      'x-sealed-headers': names,
    } = host.arrived[0]?.headers ?? {};
    assert.deepEqual({ authorization, cookie, 'x-api-key': api_key }, secrets, 'the app gets them back');
    assert.equal(names, undefined);
  });

  test('never runs what was denied, withdrawn or left to expire', async () => {
    const denied = await gated();
    await decide(denied.approval_id, 'deny', { reason: 'no' });
    const next = await gated();
    await decide(next.approval_id, 'approve');
    await becomes(next.approval_id, 'executed');
    await host.gate.sweep();
    assert.deepEqual(
      host.arrived.map(({ approval_id }) => approval_id),
      [next.approval_id],
    );
    assert.equal((await read(denied.approval_id)).status, 'denied');
  });

  test('runs the edited parameters where a person edited', async () => {
    const { approval_id } = await gated();
    await decide(approval_id, 'approve-with-edits', { edits: { spending_limit_cents: 9_000 } });
    const done = await becomes(approval_id, 'executed');
    assert.deepEqual(host.arrived[0]?.body, { name: 'Ads', spending_limit_cents: 9_000 });
    assert.equal(done.decision?.kind, 'approve_with_edits');
  });

  test('lets the host’s people, the operator’s own user and calls that are not gated pass', async () => {
    const asked = await countAll(server);
    assert.equal((await callHost(host, CARDS, CARD, { cookie: 'session=robin' })).status, 201);
    assert.equal((await callHost(host, '/v1/users/operator/cards', CARD)).status, 201);
    assert.equal((await callHost(host, '/v1/users/alice/notes', CARD)).status, 201);
    assert.equal(
      (await callHost(host, '/v1/users/alice/files/f1', undefined, undefined, 'DELETE')).status,
      201,
    );
    assert.equal(host.arrived.length, 4);
    assert.deepEqual(new Set(host.arrived.map(({ approval_id }) => approval_id)), new Set([null]));
    assert.equal(await countAll(server), asked, 'nobody was asked');
  });

  test('asks who calls: a stranger is answered 401 and nothing runs', async () => {
    const answer = await callHost(host, CARDS, CARD, { authorization: 'Bearer wrong' });
    assert.deepEqual([answer.status, answer.body['code'], host.arrived.length], [401, 'unauthorized', 0]);
  });

  test('can’t be passed by another spelling of a gated path', async () => {
    const spellings = [
      '/v1/users/alice/cards/',
      '/V1/Users/alice/CARDS',
      '//v1//users/alice/cards',
      '/v1/users/alice/c%61rds',
      '/v1/users/%61lice/cards?x=1',
      '/v1/users/alice/cards?x=/../notes',
      '/v1/users/alice/cards%20',
    ];
    for (const path of spellings) await gated(CARD, undefined, path);
    assert.equal(host.arrived.length, 0);
  });

  test('takes no header, however it is called, for an approval', async () => {
    const claims = { 'x-approved': '1', 'x-countersign-approval': 'apr_1', 'idempotency-key': 'apr_1-0' };
    await gated(CARD, { authorization: `Bearer ${AGENT_KEY}`, ...claims });
    assert.equal(host.arrived.length, 0);
  });

  test('gives an agent that repeats its call under one Idempotency-Key one approval', async () => {
    const headers = { authorization: `Bearer ${AGENT_KEY}`, 'idempotency-key': 'order-7' };
    const first = await gated(CARD, headers);
    assert.equal((await gated(CARD, headers)).approval_id, first.approval_id);
    const other = await callHost(host, CARDS, { name: 'Other' }, headers);
    assert.deepEqual([other.status, other.body['code']], [422, 'idempotency_mismatch']);
    assert.notEqual((await gated()).approval_id, first.approval_id);
  });

  test('refuses what no person could review, and asks nobody', async () => {
    const asked = await countAll(server);
    const agent = { authorization: `Bearer ${AGENT_KEY}` };
    const wrong: [body: string, headers: Record<string, string>, status: number][] = [
      ['[1]', agent, 400],
      ['{"a":', agent, 400],
      ['{"a":1,"a":2}', agent, 400],
      ['name=Ads', { ...agent, 'content-type': 'application/x-www-form-urlencoded' }, 415],
      ['{}', { ...agent, 'content-type': 'application/json; charset=latin1' }, 415],
      ['{}', { ...agent, 'content-encoding': 'gzip' }, 415],
      [JSON.stringify({ text: 'x'.repeat(70_000) }), agent, 413],
      [JSON.stringify({ text: 'x'.repeat(5_000_000) }), agent, 413],
    ];
    for (const [body, headers, status] of wrong) {
      assert.equal((await callHost(host, CARDS, body, headers)).status, status, body.slice(0, 40));
    }
    assert.equal(host.arrived.length, 0);
    assert.equal(await countAll(server), asked);
  });

  test('records an answer that is an error as failed', async () => {
    const failing = await startHost(server, {
      name: 'failing',
      answer: (_request, response) => void response.status(422).json({ error: 'no such user' }),
    });
    const { body } = await callHost(failing, CARDS, CARD);
    await decide(String(body['approval_id']), 'approve');
    const done = await becomes(String(body['approval_id']), 'failed');
    assert.equal(done.execution?.error, '422: {"error":"no such user"}');
    await failing.stop();
  });

  test('runs after a restart what was approved while the host was away', async () => {
    const first = await startHost(server, { name: 'restarted' });
    const { body } = await callHost(first, CARDS, CARD);
    await first.stop();
    await decide(String(body['approval_id']), 'approve');
    const second = await startHost(server, { name: 'restarted' });
    await becomes(String(body['approval_id']), 'executed');
    assert.deepEqual([first.arrived.length, second.arrived.length], [0, 1]);
    await second.stop();
  });

  test('runs nothing that another secret sealed, and says so', async () => {
    const first = await startHost(server, { name: 'rotated' });
    const { body } = await callHost(first, CARDS, CARD);
    await first.stop();
    const second = await startHost(server, {
      name: 'rotated',
      secret: 'quite another secret, long enough too',
    });
    await decide(String(body['approval_id']), 'approve');
    const failed = await becomes(String(body['approval_id']), 'failed');
    assert.match(failed.execution?.error ?? '', /does not open with this host/);
    assert.equal(second.arrived.length, 0);
    await second.stop();
  });

  test('policy: an action type’s own word beats its primitive’s, which beats the table', async () => {
    const policy = { primitives: { cards: false, files: true }, action_types: { 'domains.purchase': false } };
    const own = await startHost(server, { name: 'own-policy', policy });
    assert.equal((await callHost(own, CARDS, CARD)).status, 201);
    assert.equal((await callHost(own, '/v1/users/alice/domains', CARD)).status, 201);
    const removed = await callHost(own, '/v1/users/alice/files/f1', undefined, undefined, 'DELETE');
    assert.deepEqual([removed.status, removed.body['primitive']], [202, 'files']);
    await decide(String(removed.body['approval_id']), 'approve');
    await becomes(String(removed.body['approval_id']), 'executed');
    assert.deepEqual(
      own.arrived.map(({ method, raw }) => [method, raw]),
      [
        ['POST', JSON.stringify(CARD)],
        ['POST', JSON.stringify(CARD)],
        ['DELETE', ''],
      ],
    );
    await own.stop();
  });

  test('INVARIANT: when Countersign can’t be asked the answer is 503 and nothing runs', async () => {
    const gone = await startCountersign();
    await gone.stop();
    // Waits a turn of the event loop and not the time between tries.
    const sleep = () => new Promise<void>((turn) => setImmediate(turn));
    const alone = await startHost(gone, { name: 'alone', sleep });
    const answer = await callHost(alone, CARDS, CARD);
    assert.deepEqual(
      [answer.status, answer.body['code'], answer.headers.get('retry-after')],
      [503, 'unavailable', '5'],
    );
    const wrongKey = await startHost(
      { url: server.url, keys: { ...server.keys, service: 'cs_wrong' } },
      { name: 'wrong' },
    );
    assert.equal((await callHost(wrongKey, CARDS, CARD)).status, 503);
    const throwing = await startHost(server, {
      name: 'throwing',
      who: () => {
        throw new Error('the session store is away');
      },
    });
    assert.equal((await callHost(throwing, CARDS, CARD)).status, 503);
    assert.deepEqual([alone.arrived.length, wrongKey.arrived.length, throwing.arrived.length], [0, 0, 0]);
    for (const one of [alone, wrongKey, throwing]) await one.stop();
  });
});
