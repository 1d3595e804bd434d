/** Trust budgets over the API, on both engines: earned by people, spent exactly, gone at the first denial. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { Settings } from '../../schemas/settings.ts';
import { DEFAULT_TRUST, type TrustItem, type TrustReport, type TrustSettings } from '../../schemas/trust.ts';
import { assertRefused, call } from '../support/call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { ask, ENGINES, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const PARALLEL = 200;
/** Five approvals are enough, and nothing is put to people by chance. */
const EASY = { enabled: true, min_decisions: 5, min_score: 0.5, sample_rate: 0 };

for (const engine of ENGINES) {
  describe(`trust budgets on ${engine}`, async () => {
    const clock = manualClock();
    const server = await startCountersign({ engine, clock });
    const { url, keys } = server;
    after(() => server.stop());

    const set = async (trust: Partial<TrustSettings>) => {
      const done = await call<Settings>(url, keys.personal, 'PUT', '/v1/settings', { trust });
      assert.equal(done.status, 200, done.text);
      return done.body;
    };
    /** What an agent asks of one kind, unnamed but for its number. */
    const kind = (name: string) => ({
      agent_id: 'bot',
      agent_name: 'Bot',
      action_type: name,
      risk_level: 'low',
    });
    const decide = async ({ id }: Approval, verb: string, body: object = {}) => {
      clock.jump(1_000);
      const done = await call<Approval>(url, keys.personal, 'POST', `/v1/approvals/${id}/${verb}`, body);
      assert.equal(done.status, 200, done.text);
    };
    /** By decisions of people: high risk is never approved by a budget. */
    const earn = async (name: string, n: number, more: object = {}) => {
      const asked = { ...kind(name), risk_level: 'high', ...more };
      for (let k = 0; k < n; k++) await decide(await ask(server, asked), 'approve');
    };
    const trustOf = async (name: string): Promise<TrustItem> => {
      const found = await call<TrustReport>(url, keys.personal, 'GET', `/v1/trust?action_type=${name}`);
      assert.equal(found.status, 200, found.text);
      const [item, ...others] = found.body.items;
      assert.ok(item && others.length === 0);
      return item;
    };

    test('off by default: what was earned is there, explained, and nothing is approved by it', async () => {
      await earn('off.by_default', 6);
      assert.equal((await ask(server, kind('off.by_default'))).status, 'pending');
      const report = await call<TrustReport>(url, keys.service, 'GET', '/v1/trust');
      assert.deepEqual(report.body.settings, DEFAULT_TRUST);
      const item = await trustOf('off.by_default');
      assert.deepEqual([item.decided, item.approved, item.denied, item.agent_name], [6, 6, 0, 'Bot']);
      assert.deepEqual(item.budget, { count: 0, usd: 0, window_s: 86_400 });
      assert.equal(item.why, '6 of the 20 decisions it takes; trust budgets are off in this workspace.');
      assert.equal(item.history.length, 6);
    });

    test('what was earned before it was turned on counts; the record says who answered, and why', async () => {
      const before = await set(EASY);
      assert.equal(before.trust.count_per_window, 10, 'members that are left out stay');
      const made = await ask(server, kind('off.by_default'));
      assert.deepEqual([made.status, made.version, made.answered_by], ['approved', 2, 'auto:trust_budget']);
      assert.deepEqual([made.votes, made.decision?.via, made.decision?.assurance], [[], 'rule', null]);
      assert.match(
        made.decision?.reason ?? '',
        /^approved by the trust budget of bot for off\.by_default because 6 decisions of people, all approved as asked, give a score of 0\.609 \(at least 0\.5\), and this is request 1 of 10 and USD 0\.00 of 0\.00 until 20/,
      );
      const item = await trustOf('off.by_default');
      assert.deepEqual(
        [item.decided, item.spent.count, item.eligible],
        [6, 1, true],
        'and earns nothing itself',
      );
      const trail = await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${made.id}/events`);
      assert.deepEqual(
        trail.body.items.map(({ type, actor }) => [type, actor.id]),
        [
          ['approval.requested', made.requested_by.id],
          ['approval.approved', 'auto:trust_budget'],
        ],
      );
      assertIntact(trail.body);
    });

    test(`a budget of 17 under ${PARALLEL} parallel requests approves exactly 17`, async () => {
      await earn('parallel.count', 5);
      await set({ count_per_window: 17 });
      const made = await Promise.all(
        Array.from({ length: PARALLEL }, () => ask(server, kind('parallel.count'))),
      );
      const approved = made.filter(({ status }) => status === 'approved');
      assert.equal(approved.length, 17);
      assert.ok(
        made.every(({ status, sampled }) => sampled === undefined && /^(approved|pending)$/.test(status)),
      );
      const shares = approved.map(({ decision }) => /request (\d+) of 17/.exec(decision?.reason ?? '')?.[1]);
      assert.equal(new Set(shares).size, 17, 'each has a share of its own');
      assert.equal((await trustOf('parallel.count')).spent.count, 17);
    });

    test('a window that is over makes room again, and no sooner', async () => {
      await set({ count_per_window: 1 });
      await earn('window.ends', 5);
      const next = async () => (await ask(server, kind('window.ends'))).status;
      assert.deepEqual([await next(), await next()], ['approved', 'pending']);
      clock.jump(86_400_000 - 1);
      assert.equal(await next(), 'pending');
      clock.jump(1);
      assert.deepEqual([await next(), await next()], ['approved', 'pending']);
    });

    test('money: the stated cost counts against the window, to the cent and under concurrency', async () => {
      await earn('money.spent', 5, { cost: { usd: 2 } });
      await set({ count_per_window: 1_000, usd_per_window: 10 });
      const costs = Array.from({ length: 60 }, () =>
        ask(server, { ...kind('money.spent'), cost: { usd: 1.1 } }),
      );
      const made = await Promise.all(costs);
      assert.equal(
        made.filter(({ status }) => status === 'approved').length,
        9,
        '9 x 1.10 fit in 10, a tenth not',
      );
      assert.deepEqual((await trustOf('money.spent')).spent, { count: 9, usd: 9.9 });
      const cheap = await ask(server, { ...kind('money.spent'), cost: { usd: 0.1 } });
      assert.equal(cheap.status, 'approved');
      assert.equal(
        (await ask(server, { ...kind('money.spent'), cost: { usd: 0.000001 } })).status,
        'pending',
      );
    });

    test('money: where requests of a kind state their cost, one that states none is for people', async () => {
      await set({ count_per_window: 1_000, usd_per_window: 100 });
      assert.equal((await ask(server, kind('money.spent'))).status, 'pending');
      const tokens = await ask(server, { ...kind('money.spent'), cost: { tokens: 5 } });
      assert.equal(tokens.status, 'pending');
      await earn('money.never', 5);
      assert.equal(
        (await ask(server, kind('money.never'))).status,
        'approved',
        'nobody states one: counted only',
      );
      assert.equal((await ask(server, { ...kind('money.never'), cost: { usd: 1 } })).status, 'approved');
      assert.equal((await ask(server, kind('money.never'))).status, 'pending', 'now one has');
    });

    test('the first denial takes the budget away at once; it is earned again from what comes after', async () => {
      await earn('demoted.once', 30);
      const open = await ask(server, { ...kind('demoted.once'), risk_level: 'high' });
      assert.equal((await ask(server, kind('demoted.once'))).status, 'approved');
      await decide(open, 'deny', { reason: 'no' });
      assert.equal((await ask(server, kind('demoted.once'))).status, 'pending');
      const item = await trustOf('demoted.once');
      assert.deepEqual([item.eligible, item.score, item.counting, item.denied], [false, 0, 0, 1]);
      assert.match(item.why, /^0 of the 5 decisions it takes since the denial of 20/);
      await earn('demoted.once', 6);
      assert.equal((await ask(server, kind('demoted.once'))).status, 'pending');
      await earn('demoted.once', 1);
      assert.equal((await ask(server, kind('demoted.once'))).status, 'approved');
    });

    test('denials and requests at once: nothing is approved after the denial was answered', async () => {
      await earn('demoted.race', 5);
      const open = await ask(server, { ...kind('demoted.race'), risk_level: 'high' });
      const asking = Array.from({ length: 40 }, () => ask(server, kind('demoted.race')));
      const denied = decide(open, 'deny').then(() => ask(server, kind('demoted.race')));
      await Promise.all(asking);
      assert.equal((await denied).status, 'pending');
    });

    test('neither other agents, other kinds, higher risk, named deciders nor a quorum are covered', async () => {
      await earn('covered.only', 5);
      const status = async (more: object) => (await ask(server, { ...kind('covered.only'), ...more })).status;
      assert.equal(await status({}), 'approved');
      assert.equal(await status({ agent_id: 'other' }), 'pending');
      assert.equal(await status({ action_type: 'covered.only.not' }), 'pending');
      for (const risk_level of ['medium', 'high', 'critical'])
        assert.equal(await status({ risk_level }), 'pending');
      await set({ max_risk: 'medium' });
      assert.equal(await status({ risk_level: 'medium' }), 'approved');
      assert.equal(await status({ risk_level: 'high' }), 'pending');
      assert.equal(await status({ assignees: [server.first.member_id] }), 'pending');
    });

    test('a sample goes to people and says so; one that ends undecided is owed', async () => {
      await earn('sampled.kind', 5);
      await set({ sample_rate: 1 });
      const sampled = await ask(server, kind('sampled.kind'));
      assert.deepEqual([sampled.status, sampled.version], ['pending', 1]);
      assert.match(
        sampled.sampled ?? '',
        /^a person is required: the trust budget of bot for sampled\.kind would have approved this .* put to people by chance, as all are$/,
      );
      assert.deepEqual(
        [(await trustOf('sampled.kind')).sampled, (await trustOf('sampled.kind')).spent.count],
        [1, 0],
      );
      await set({ sample_rate: 0 });
      assert.equal((await ask(server, kind('sampled.kind'))).status, 'approved');
      await call(url, keys.agent, 'POST', `/v1/approvals/${sampled.id}/cancel`, {});
      const owed = await ask(server, kind('sampled.kind'));
      assert.match(owed.sampled ?? '', /because the sample before it ended without a decision$/);
      assert.equal((await ask(server, kind('sampled.kind'))).status, 'approved', 'once');
      const { counting } = await trustOf('sampled.kind');
      await decide(owed, 'approve');
      assert.equal(
        (await trustOf('sampled.kind')).counting,
        counting + 1,
        'a sample is how trust is earned on',
      );
      const trail = await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${owed.id}/events`);
      assertIntact(trail.body);
    });

    test('a request that is sent again under its key spends once', async () => {
      await earn('sent.again', 5);
      const body = { action_summary: 'Do it', ...kind('sent.again') };
      const send = () =>
        call<Approval>(url, keys.agent, 'POST', '/v1/approvals', body, { 'Idempotency-Key': 'again' });
      const [first, second] = [await send(), await send()];
      assert.deepEqual([first.body.status, second.body], ['approved', first.body]);
      assert.equal((await trustOf('sent.again')).spent.count, 1);
    });

    test('it is read by people and the host, by nobody else; in pages; and never written', async () => {
      assertRefused(await call(url, keys.agent, 'GET', '/v1/trust'), 403, 'forbidden');
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        assertRefused(await call(url, keys.personal, method, '/v1/trust', {}), 404, 'not_found');
      }
      const all = await call<TrustReport>(url, keys.personal, 'GET', '/v1/trust?limit=100');
      const seen: string[] = [];
      let cursor: string | null = '';
      while (cursor !== null) {
        const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
        const page = await call<TrustReport>(url, keys.personal, 'GET', `/v1/trust?limit=2${query}`);
        seen.push(...page.body.items.map(({ action_type }) => action_type));
        cursor = page.body.next_cursor;
      }
      assert.deepEqual(
        seen,
        all.body.items.map(({ action_type }) => action_type),
      );
      assert.ok(seen.length >= 9);
    });
  });
}
