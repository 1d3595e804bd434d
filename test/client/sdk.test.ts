/** The SDK for programs: every method held against the declared routes, paging, and the scope of one end user. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createClient, isPendingApproval } from '../../client/index.ts';
import { ConflictError, NotFoundError, ValidationError } from '../../client/errors.ts';
import { checkOf } from '../../schemas/validate.ts';
import { routeOf } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { sampleApproval } from '../support/sample-approvals.ts';
import { addPerson, ask, startCountersign } from '../support/server.ts';

/** Timers that keep this process alive. */
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** What a method sent, caught in front of the network. */
function recorder() {
  const sent: { method: string; url: URL; body: unknown }[] = [];
  const answer: typeof fetch = async (input, init) => {
    const body = typeof init?.body === 'string' ? (JSON.parse(init.body) as unknown) : undefined;
    sent.push({
      method: init?.method ?? '',
      url: new URL(input instanceof Request ? input.url : input),
      body,
    });
    return Response.json({ ...sampleApproval(), status: 'denied', items: [], next_cursor: null });
  };
  return { sent, client: createClient({ server: 'http://x', fetch: answer }) };
}

describe('every method of the SDK', async () => {
  const { sent, client } = recorder();
  const a = client.approvals;
  const id = 'apr_00000001';
  const filter = { status: 'pending', q: 'x', tag: 't', assignee: 'me' };
  const calls: Record<string, () => Promise<unknown>> = {
    'approvals.create': () => a.create({ action_type: 'a.b', action_summary: 's' }),
    'approvals.list': () => a.list({ ...filter, limit: 2, cursor: id }),
    'approvals.count': () => a.count(filter),
    'approvals.get': () => a.get(id),
    'approvals.status': () => a.wait(id),
    'approvals.approve': () => a.approve(id, { version: 1, reason: 'r' }),
    'approvals.approveWithEdits': () => a.approveWithEdits(id, { edits: { x: 1 } }),
    'approvals.deny': () => a.deny(id),
    'approvals.respond': () => a.respond(id, { decision: 'delegate', delegate_to: 'mem_x' }),
    'approvals.cancel': () => a.cancel(id, { reason: 'r' }),
    'approvals.settle': () => a.settle(id, { outcome: 'failed', note: 'n' }),
    'approvals.claim': () => a.claim(id, { lease_s: 5 }),
    'approvals.report': () => a.report(id, { attempt: 1, outcome: 'executed', result: {} }),
    'approvals.sendMessage': () => a.sendMessage(id, 'Why?'),
    'approvals.getMessages': () => a.getMessages(id),
    'approvals.events': () => a.events(id),
    'me.get': () => client.me(),
    'rules.list': () => client.rules.list({ limit: 2, cursor: 'rul_00000001' }),
    'rules.get': () => client.rules.get('rul_00000001'),
    'rules.create': () => client.rules.create({ name: 'r', match: { type: 'financial' } }),
    'rules.remove': () => client.rules.remove('rul_00000001'),
    'rules.preview': () => client.rules.preview({ name: 'r', match: { type: 'financial' } }),
    'trust.get': () => client.trust.get({ agent_id: 'bot' }),
    'gates.get': () => client.gates.get(),
    'gates.change': () => client.gates.change({ primitives: { cards: null } }),
  };
  for (const [name, run] of Object.entries(calls)) {
    it(`${name} is a declared route, and what it sends fits the declaration`, async () => {
      sent.length = 0;
      await run();
      const [call] = sent;
      assert.ok(call);
      const route = routeOf(call.method, call.url.pathname);
      assert.equal(route?.name, name);
      for (const parameter of call.url.searchParams.keys()) {
        assert.ok(Object.hasOwn(route?.query?.properties ?? {}, parameter), `${parameter} is not declared`);
      }
      if (!route?.body) return;
      const plain = JSON.stringify(route.body, (key, value: unknown) => (key === '$id' ? undefined : value));
      const checked = checkOf(JSON.parse(plain) as NonNullable<typeof route.body>)(call.body);
      assert.ok(checked.ok, JSON.stringify(checked));
    });
  }
});

describe('the SDK against a real server', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const reviewer = await addPerson(server, 'reviewer');
  const host = createClient({ server: server.url, token: server.keys.service });
  const person = createClient({ server: server.url, token: reviewer.key });

  it('reads every approval once, page by page', async () => {
    const asked = [];
    for (let n = 0; n < 7; n++) asked.push((await ask(server, { tags: ['paged'] })).id);
    const read = [];
    for await (const { id } of host.approvals.all({ tag: 'paged', limit: 3 })) read.push(id);
    assert.deepEqual(read, asked.toReversed());
  });

  it('for one end user asks in their name and finds nobody else’s', async () => {
    const alice = host.forUser('alice').approvals;
    const mine = await alice.create({ action_type: 'a.b', action_summary: 's' });
    assert.equal(mine.user_id, 'alice');
    const foreign = await ask(server, { user_id: 'bob' });
    assert.equal((await alice.get(mine.id)).id, mine.id);
    assert.deepEqual(
      (await alice.list()).items.map(({ id }) => id),
      [mine.id],
    );
    assert.equal((await alice.count()).count, 1);
    const asPerson = person.forUser('alice').approvals;
    for (const call of [alice.get, alice.status, alice.wait, alice.events, asPerson.approve, asPerson.deny]) {
      await assert.rejects(() => call(foreign.id), NotFoundError);
    }
    assert.equal((await host.approvals.get(foreign.id)).status, 'pending', 'nobody decided on it');
    const bobs = { action_type: 'a.b', action_summary: 's', user_id: 'bob' };
    assert.throws(() => alice.create(bobs), /speaks for alice/);
    assert.equal((await asPerson.approve(mine.id)).status, 'approved');
  });

  it('tells by the class of its error what went wrong', async () => {
    const { id } = await ask(server);
    await assert.rejects(person.approvals.get('apr_00000000'), NotFoundError);
    await assert.rejects(person.approvals.settle(id, { outcome: 'failed', note: 'n' }), ConflictError);
    await assert.rejects(host.approvals.create({ action_type: '', action_summary: 's' }), ValidationError);
  });

  it('gives events that happen, and ends with its signal', async () => {
    const before = timers();
    const stop = new AbortController();
    const opened = Promise.withResolvers<void>();
    const onState = (state: string) => (state === 'open' ? opened.resolve() : undefined);
    const live = host.events({ signal: stop.signal, onState });
    const first = live[Symbol.asyncIterator]().next();
    await opened.promise;
    const { id } = await ask(server);
    const got = await first;
    assert.equal(got.done === true ? null : got.value.data.id, id);
    stop.abort();
    // Nobody asks for the next event after that, as in a program that ends.
    await eventually('nothing of it keeps the program alive', () => timers() <= before);
  });
});

describe('isPendingApproval', () => {
  it('knows the answer of a gated call from everything else', () => {
    const pending = {
      status: 'pending_approval',
      approval_id: 'apr_1',
      action_type: 'cards.create',
      primitive: 'cards',
      title: 'Issue a card',
    };
    assert.equal(isPendingApproval(pending), true);
    for (const other of [
      null,
      undefined,
      'pending_approval',
      {},
      { status: 'pending_approval' },
      { approval_id: 'x' },
    ]) {
      assert.equal(isPendingApproval(other), false);
    }
  });
});
