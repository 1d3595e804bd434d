/**
 * Blanket rules over HTTP, on both engines: who may, what is answered, what stands on the record, and that a
 * use is spent exactly once however many ask at the same time.
 */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Approval, CreateApproval } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import type { Rule, RulePreview, SavedRule } from '../../schemas/rule.ts';
import { assertRefused, call } from '../support/call.ts';
import { addPerson, ask, ENGINES, type Person, type Running, startCountersign } from '../support/server.ts';

const REFUND = {
  action_type: 'refunds.create',
  action_summary: 'Refund the order',
  type: 'tool_call',
  params: { amount: 12, order: 'A-17' },
  risk_level: 'low',
  side_effects: [],
  cost: { usd: 12, tokens: 900 },
  agent_id: 'support',
  team_id: 'care',
} as const;

/** Each test has action types of its own, so that no rule of one speaks in another. */
let n = 0;
const family = (): string => `family${++n}.`;

for (const engine of ENGINES) {
  describe(`rules on ${engine}`, () => {
    let server: Running;
    let reviewer: Person;
    before(async () => {
      server = await startCountersign({ engine, calls_per_minute: 100_000 });
      reviewer = await addPerson(server, 'reviewer');
    });
    after(() => server.stop());

    const save = async (rule: Record<string, unknown>): Promise<SavedRule> => {
      const { url, keys } = server;
      const saved = await call<SavedRule>(url, keys.personal, 'POST', '/v1/rules', {
        name: 'A rule',
        ...rule,
      });
      assert.equal(saved.status, 201, saved.text);
      return saved.body;
    };
    const remove = ({ id }: { id: string }) =>
      call(server.url, server.keys.personal, 'DELETE', `/v1/rules/${id}`);
    const request = (more: Partial<Record<keyof CreateApproval, unknown>> = {}) =>
      ask(server, { ...REFUND, ...more });
    const decide = (id: string, verb: string, body: object = {}, key = reviewer.key) =>
      call<Approval>(server.url, key, 'POST', `/v1/approvals/${id}/${verb}`, body);
    const trail = async (id: string) => {
      const { url, keys } = server;
      return (await call<AuditTrail>(url, keys.personal, 'GET', `/v1/approvals/${id}/events`)).body;
    };

    test('a rule approves what it matches at once, and says why on the record', async () => {
      const prefix = family();
      const rule = await save({
        name: 'Small refunds',
        match: { 'action.prefix': prefix, 'cost.usd.max': 20, 'risk.max': 'low' },
      });
      const done = await request({ action_type: `${prefix}create` });
      const { decision } = done;
      assert.deepEqual(
        [done.status, done.version, done.votes, done.answered_by],
        ['approved', 2, [], `auto:rule:${rule.id}`],
      );
      assert.deepEqual(
        [decision?.kind, decision?.approver_id, decision?.approver_name, decision?.via, decision?.assurance],
        ['approve', `auto:rule:${rule.id}`, 'rule “Small refunds”', 'rule', null],
      );
      assert.equal(
        decision?.reason,
        `approved by rule “Small refunds” because its action type begins with ${prefix}, its risk is at most low and ` +
          'its stated cost of 12 US dollars is at most 20',
      );
      const record = await trail(done.id);
      assert.deepEqual([record.chain.valid, record.chain.length], [true, 2]);
      assert.deepEqual(
        record.items.map(({ type, actor, via }) => [type, actor.kind, via]),
        [
          ['approval.requested', 'agent', 'api'],
          ['approval.approved', 'system', 'rule'],
        ],
      );
      const again = await call<Approval>(server.url, server.keys.agent, 'GET', `/v1/approvals/${done.id}`);
      assert.deepEqual(again.body, done);
      const used = await call<Rule>(server.url, server.keys.personal, 'GET', `/v1/rules/${rule.id}`);
      assert.deepEqual([used.body.uses, used.body.shadow_uses], [1, 0]);
      assertRefused(await decide(done.id, 'deny'), 409, 'conflict');
    });

    test('what it leaves out is left to people', async () => {
      const prefix = family();
      await save({ match: { 'action.prefix': prefix, 'cost.usd.max': 20 } });
      const dear = await request({ action_type: `${prefix}create`, cost: { usd: 20.01 } });
      const unstated = await request({ action_type: `${prefix}create`, cost: null });
      assert.deepEqual([dear.status, unstated.status, dear.version], ['pending', 'pending', 1]);
    });

    test('deny refuses at once with the explanation, and beats an approving rule of a narrower scope', async () => {
      const prefix = family();
      await save({ match: { 'action.prefix': prefix }, applies_to: { agent_ids: ['support'] } });
      const deny = await save({ name: 'Never', effect: 'deny', match: { 'action.prefix': prefix } });
      assert.deepEqual(
        deny.warnings.filter(({ kind }) => kind === 'shadows').map(({ rule_id }) => rule_id === null),
        [false],
      );
      const done = await request({ action_type: `${prefix}create` });
      assert.deepEqual([done.status, done.answered_by], ['denied', `auto:rule:${deny.id}`]);
      assert.match(done.decision?.reason ?? '', /^denied by rule “Never” because/);
    });

    test('require leaves it to a person whatever would approve it, and says so on the record', async () => {
      const prefix = family();
      await save({ match: { 'action.prefix': prefix } });
      const require = await save({
        name: 'Look first',
        effect: 'require',
        match: { 'action.prefix': `${prefix}big` },
      });
      assert.equal((await request({ action_type: `${prefix}small` })).status, 'approved');
      const open = await request({ action_type: `${prefix}big` });
      assert.equal(open.status, 'pending');
      const [first] = (await trail(open.id)).items;
      assert.ok(first);
      const { policy } = first.data as { policy: { answer: { answered_by: string; explanation: string } } };
      assert.equal(policy.answer.answered_by, `auto:rule:${require.id}`);
      assert.match(policy.answer.explanation, /^a person is required by rule “Look first” because/);
      assert.equal((await decide(open.id, 'approve')).status, 200);
    });

    test('a shadow rule changes nothing; what it would have said is counted and on the record', async () => {
      const prefix = family();
      const shadow = await save({ name: 'Trial', mode: 'shadow', match: { 'action.prefix': prefix } });
      const open = await request({ action_type: `${prefix}create` });
      assert.deepEqual([open.status, open.version], ['pending', 1]);
      const record = await trail(open.id);
      const [first] = record.items;
      assert.ok(first);
      const { policy } = first.data as {
        policy: { shadow: { rule_id: string; explanation: string }[] };
      };
      assert.equal(policy.shadow[0]?.rule_id, shadow.id);
      assert.match(
        policy.shadow[0]?.explanation ?? '',
        /^in shadow: would have been approved by rule “Trial” because/,
      );
      assert.ok(record.chain.valid);
      const used = await call<Rule>(server.url, server.keys.personal, 'GET', `/v1/rules/${shadow.id}`);
      assert.deepEqual([used.body.uses, used.body.shadow_uses], [0, 1]);
    });

    test('of 200 parallel requests a rule with max_uses 7 approves exactly 7', async () => {
      const prefix = family();
      const rule = await save({ match: { 'action.prefix': prefix }, max_uses: 7 });
      const all = await Promise.all(
        Array.from({ length: 200 }, () => request({ action_type: `${prefix}create` })),
      );
      assert.equal(all.filter(({ status }) => status === 'approved').length, 7);
      assert.equal(all.filter(({ status }) => status === 'pending').length, 193);
      const used = await call<Rule>(server.url, server.keys.personal, 'GET', `/v1/rules/${rule.id}`);
      assert.equal(used.body.uses, 7);
      const counted = await call<{ by_status: Record<string, number> }>(
        server.url,
        server.keys.personal,
        'GET',
        `/v1/approvals/count?action_type=${prefix}*`,
      );
      assert.deepEqual(counted.body.by_status, { approved: 7, pending: 193 });
    });

    test('a retry under one Idempotency-Key spends one use', async () => {
      const prefix = family();
      const rule = await save({ match: { 'action.prefix': prefix }, max_uses: 2 });
      const body = { ...REFUND, action_type: `${prefix}create` };
      const key = { 'Idempotency-Key': `once-${engine}` };
      const send = () => call<Approval>(server.url, server.keys.agent, 'POST', '/v1/approvals', body, key);
      const answers = await Promise.all(Array.from({ length: 10 }, send));
      assert.deepEqual(new Set(answers.map(({ text }) => text)).size, 1);
      const used = await call<Rule>(server.url, server.keys.personal, 'GET', `/v1/rules/${rule.id}`);
      assert.equal(used.body.uses, 1);
    });

    test('a removed rule decides nothing more and stays named on what it decided', async () => {
      const prefix = family();
      const rule = await save({ name: 'Gone soon', match: { 'action.prefix': prefix } });
      const done = await request({ action_type: `${prefix}create` });
      assert.equal((await remove(rule)).status, 204);
      assertRefused(await remove(rule), 404, 'not_found');
      assertRefused(
        await call(server.url, server.keys.personal, 'GET', `/v1/rules/${rule.id}`),
        404,
        'not_found',
      );
      assert.equal((await request({ action_type: `${prefix}create` })).status, 'pending');
      const again = await call<Approval>(server.url, server.keys.agent, 'GET', `/v1/approvals/${done.id}`);
      assert.equal(again.body.decision?.approver_name, 'rule “Gone soon”');
    });

    test('what an agent states of itself alone approves no high or critical risk', async () => {
      const cheap = await save({
        match: { 'cost.usd.max': 20, 'sideEffects.none': true },
        applies_to: { agent_ids: ['thrifty'] },
      });
      const by = { agent_id: 'thrifty' };
      const prefix = family();
      assert.equal((await request({ ...by, action_type: `${prefix}x` })).status, 'approved');
      for (const risk_level of ['high', 'critical'])
        assert.equal((await request({ ...by, action_type: `${prefix}x`, risk_level })).status, 'pending');
      const typed = await save({
        match: {
          'cost.usd.max': 20,
          params: { required: ['order'], properties: { order: { const: 'B-1' } } },
        },
        applies_to: { agent_ids: ['thrifty'] },
      });
      const high = await request({ ...by, risk_level: 'high', params: { order: 'B-1' } });
      assert.deepEqual([high.status, high.answered_by], ['approved', `auto:rule:${typed.id}`]);
      await remove(cheap);
      await remove(typed);
    });

    test('an admin’s rule does not approve what the same admin asks for', async () => {
      const prefix = family();
      await save({ match: { 'action.prefix': prefix } });
      const own = await ask(server, { ...REFUND, action_type: `${prefix}x` }, server.keys.personal);
      assert.equal(own.status, 'pending');
      assert.equal((await request({ action_type: `${prefix}x` })).status, 'approved');
    });

    test('edits are looked at again: a denying rule that matches them refuses them', async () => {
      const prefix = family();
      const params = { properties: { amount: { type: 'number', 'x-ui': { editable: true } } } };
      const asked = await request({ action_type: `${prefix}x`, escalation_schema: params });
      await save({
        name: 'Not above 100',
        effect: 'deny',
        match: {
          'action.prefix': prefix,
          params: { properties: { amount: { exclusiveMinimum: 100 } }, required: ['amount'] },
        },
      });
      const refused = await decide(asked.id, 'approve-with-edits', { edits: { amount: 101 } });
      assertRefused(refused, 400, 'invalid_input');
      assert.match(refused.text, /denied by rule “Not above 100” because/);
      const viewer = await addPerson(server, 'viewer');
      const stranger = await decide(asked.id, 'approve-with-edits', { edits: { amount: 101 } }, viewer.key);
      assertRefused(stranger, 403, 'forbidden');
      const fine = await decide(asked.id, 'approve-with-edits', { edits: { amount: 99 } });
      assert.deepEqual([fine.status, fine.body.status], [200, 'approved_with_edits']);
    });

    test('edits meet the bar as it is now: votes given below it are void', async () => {
      const prefix = family();
      const schema = { properties: { amount: { type: 'number', 'x-ui': { editable: true } } } };
      const second = await addPerson(server, 'reviewer', 'Second');
      const asked = await request({ action_type: `${prefix}x`, escalation_schema: schema, quorum: 2 });
      const first = await decide(asked.id, 'approve-with-edits', { edits: { amount: 5 } });
      assert.deepEqual([first.body.votes.length, first.body.risk_level], [1, 'low']);
      const set = (risk_floor: object) =>
        call(server.url, server.keys.personal, 'PUT', '/v1/settings', { risk_floor });
      await set({ [`${prefix}*`]: 'high' });
      const voted = await decide(asked.id, 'approve', {}, second.key);
      assert.deepEqual(
        [voted.body.status, voted.body.votes.map(({ approver_id }) => approver_id), voted.body.risk_level],
        ['pending', [second.id], 'high'],
      );
      await set({ [`${prefix}*`]: 'critical' });
      // A personal key proves less than a session, which critical risk needs.
      assertRefused(await decide(asked.id, 'approve'), 403, 'forbidden');
      await set({});
      const done = await decide(asked.id, 'approve');
      assert.deepEqual([done.body.status, done.body.risk_level], ['approved_with_edits', 'high']);
      assert.equal((await trail(asked.id)).chain.valid, true);
      const listed = await call<{ items: Approval[] }>(
        server.url,
        server.keys.personal,
        'GET',
        `/v1/approvals?risk_level=high&action_type=${prefix}*`,
      );
      assert.deepEqual(
        listed.body.items.map(({ id }) => id),
        [asked.id],
      );
    });

    test('a rule that comes to require a person makes votes for the same edits void', async () => {
      const prefix = family();
      const schema = { properties: { amount: { type: 'number', 'x-ui': { editable: true } } } };
      const second = await addPerson(server, 'reviewer', 'Second too');
      const asked = await request({ action_type: `${prefix}x`, escalation_schema: schema, quorum: 2 });
      await decide(asked.id, 'approve-with-edits', { edits: { amount: 5 } });
      await save({ effect: 'require', match: { 'action.prefix': prefix } });
      const voted = await decide(asked.id, 'approve', {}, second.key);
      assert.deepEqual(
        [voted.body.status, voted.body.votes.map(({ approver_id }) => approver_id)],
        ['pending', [second.id]],
      );
      assert.equal((await decide(asked.id, 'approve')).body.status, 'approved_with_edits');
    });

    test('preview says what the rule would have decided, those that people had denied first', async () => {
      const prefix = family();
      const asked: Approval[] = [];
      for (let i = 0; i < 6; i++) asked.push(await request({ action_type: `${prefix}x`, cost: { usd: i } }));
      await decide(asked[0]?.id ?? '', 'approve');
      await decide(asked[1]?.id ?? '', 'deny', { reason: 'no' });
      await decide(asked[2]?.id ?? '', 'respond', { decision: 'take_over' });
      const rule = { name: 'Cheap ones', match: { 'action.prefix': prefix, 'cost.usd.max': 3 } };
      const { body, status } = await call<RulePreview>(
        server.url,
        server.keys.personal,
        'POST',
        '/v1/rules/preview',
        { rule },
      );
      assert.equal(status, 200);
      assert.ok(body.examined >= 6);
      assert.equal(body.matched, 4);
      assert.deepEqual(
        Object.entries(body.by_outcome).filter(([, count]) => count > 0),
        [
          ['approved', 1],
          ['denied', 1],
          ['taken_over', 1],
          ['open', 1],
        ],
      );
      assert.equal(body.denied_by_people, 1);
      assert.deepEqual(
        body.items.map(({ id, reason }) => [id, reason]),
        [[asked[1]?.id, 'no'], ...[asked[3], asked[2], asked[0]].map((one) => [one?.id, null])],
      );
      const list = await call<{ items: Rule[] }>(
        server.url,
        server.keys.personal,
        'GET',
        '/v1/rules?limit=200',
      );
      assert.ok(
        list.body.items.every(({ name }) => name !== 'Cheap ones'),
        'nothing was saved',
      );
    });

    test('only admins change rules and gates; agents can’t read rules', async () => {
      const { url, keys } = server;
      const rule = { name: 'x', match: { 'action.prefix': family() } };
      for (const key of [keys.agent, keys.service, reviewer.key]) {
        assertRefused(await call(url, key, 'POST', '/v1/rules', rule), 403, 'forbidden');
        assertRefused(await call(url, key, 'DELETE', '/v1/rules/rul_000000000000'), 403, 'forbidden');
        assertRefused(await call(url, key, 'PUT', '/v1/gates', { primitives: {} }), 403, 'forbidden');
      }
      for (const path of ['/v1/rules', '/v1/rules/rul_000000000000'])
        assertRefused(await call(url, keys.agent, 'GET', path), 403, 'forbidden');
      assertRefused(await call(url, keys.agent, 'POST', '/v1/rules/preview', { rule }), 403, 'forbidden');
      for (const key of [keys.service, reviewer.key]) {
        assert.equal((await call(url, key, 'GET', '/v1/rules')).status, 200);
        assert.equal((await call(url, key, 'POST', '/v1/rules/preview', { rule })).status, 200);
      }
    });

    test('refuses a rule that can’t be run safely, and names the place', async () => {
      const wrong: [rule: object, location: string][] = [
        [{ match: {} }, 'body/match'],
        [{ match: { summary: 'x' } }, 'body/match/summary'],
        [{ match: { 'action.prefix': '' } }, 'body/match/action.prefix'],
        [{ match: { 'action.regex': '(?=x)' } }, 'body/match/action.regex'],
        [{ match: { 'sideEffects.none': false } }, 'body/match/sideEffects.none'],
        [{ match: { params: { uniqueItems: true } } }, 'body/match/params/uniqueItems'],
        [{ match: { type: 'x' }, applies_to: { agent_ids: [] } }, 'body/applies_to/agent_ids'],
        [{ match: { type: 'x' }, expires_at: '2020-01-01T00:00:00Z' }, 'body/expires_at'],
        [{ match: { type: 'x' }, max_uses: 0 }, 'body/max_uses'],
        [{ match: { type: 'x' }, effect: 'deny', max_uses: 5 }, 'body/max_uses'],
      ];
      for (const [rule, location] of wrong) {
        const answer = await call(server.url, server.keys.personal, 'POST', '/v1/rules', {
          name: 'x',
          ...rule,
        });
        assertRefused(answer, 400, 'invalid_input');
        const { errors } = answer.body as { errors: { location: string }[] };
        assert.equal(errors[0]?.location, location, JSON.stringify(rule));
      }
    });
  });
}
