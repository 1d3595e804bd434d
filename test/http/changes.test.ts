/**
 * Loosening the policy takes a second admin, on both engines: each of the operations below waits, the admin who asked
 * can't approve it, another one can, and it is made once. Tightening is done at once.
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import type { PendingChange } from '../../schemas/policy-change.ts';
import type { SavedRule } from '../../schemas/rule.ts';
import type { Settings } from '../../schemas/settings.ts';
import { type Answer, assertRefused, call } from '../support/call.ts';
import { addPerson, ENGINES, type Person, type Running, startCountersign } from '../support/server.ts';

type Operation = {
  name: string;
  /** What has to be there before it. */
  given?: [method: string, path: string, body: object];
  ask: [method: string, path: string, body?: object];
  loosens: RegExp;
};

const put = (body: object): Operation['ask'] => ['PUT', '/v1/settings', body];
const rule = (effect: string, name: string) => ({ name, effect, match: { 'action.prefix': `${name}.` } });

const HOST_KEY = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

const OPERATIONS: Operation[] = [
  {
    name: 'a longer life',
    ask: put({ life_s: { low: 604_800, medium: 86_400, high: 86_400, critical: 3_600 } }),
    loosens: /^Life of a request for high risk: 4 h -> 1 d$/,
  },
  {
    name: 'a longer execution window',
    ask: put({ execution_window_s: 172_800 }),
    loosens: /^Time to run after the decision: 1 d -> 2 d$/,
  },
  {
    name: 'weaker assurance',
    ask: put({ assurance: { low: 'link', medium: 'link', high: 'link', critical: 'session' } }),
    loosens: /^Assurance for high risk: linked -> link$/,
  },
  { name: 'self-approval', ask: put({ allow_self_approval: true }), loosens: /themselves: no -> yes$/ },
  {
    name: 'a lower risk floor',
    given: put({ risk_floor: { 'cards.*': 'critical', 'wires.*': 'high' } }) as [string, string, object],
    ask: put({ risk_floor: { 'cards.*': 'high', 'wires.*': 'high' } }),
    loosens: /^Least risk of cards\.\*: critical -> high$/,
  },
  {
    name: 'a removed risk floor',
    ask: put({ risk_floor: { 'cards.*': 'high' } }),
    loosens: /^Least risk of wires\.\*: high -> not set$/,
  },
  {
    name: 'a wider channel limit',
    given: put({ channel_limits: { slack: 'low', email: 'none' } }) as [string, string, object],
    ask: put({ channel_limits: { slack: 'high', email: 'none' } }),
    loosens: /^Highest risk approved in slack: low -> high$/,
  },
  {
    name: 'a removed channel limit',
    ask: put({ channel_limits: { slack: 'high' } }),
    loosens: /^Highest risk approved in email: none -> not set$/,
  },
  { name: 'Slack by address', ask: put({ slack_by_email: true }), loosens: /by its address: no -> yes$/ },
  {
    name: 'minimal mails off',
    given: put({ mail_minimal_all: true }) as [string, string, object],
    ask: put({ mail_minimal_all: false }),
    loosens: /^All mails without content: yes -> no$/,
  },
  { name: 'trust turned on', ask: put({ trust: { enabled: true } }), loosens: /^Trust budgets: off -> on$/ },
  { name: 'trust widened', ask: put({ trust: { min_decisions: 2 } }), loosens: /20 -> 2$/ },
  {
    name: 'a new rule that approves',
    ask: ['POST', '/v1/rules', rule('approve', 'yes')],
    loosens: /^Rule “yes”: no rule -> approve /,
  },
  {
    name: 'a removed rule that denies',
    given: ['POST', '/v1/rules', rule('deny', 'no')],
    ask: ['DELETE', '/v1/rules/:given'],
    loosens: /^Rule “no”: deny .* -> no rule$/,
  },
  {
    name: 'a removed rule that requires',
    given: ['POST', '/v1/rules', rule('require', 'ask')],
    ask: ['DELETE', '/v1/rules/:given'],
    loosens: /^Rule “ask”: require .* -> no rule$/,
  },
  {
    name: 'an opened gate',
    ask: ['PUT', '/v1/gates', { action_types: { 'cards.create': 'not_required' } }],
    loosens: /^Gate of the action type cards\.create: not set -> not_required$/,
  },
  {
    name: 'a gate that is closed no more',
    given: ['PUT', '/v1/gates', { primitives: { wires: 'required' } }],
    ask: ['PUT', '/v1/gates', { primitives: { wires: null } }],
    loosens: /^Gate of the primitive wires: required -> not set$/,
  },
  {
    name: 'one more origin',
    ask: ['POST', '/v1/origins', { origin: 'https://host.example' }],
    loosens: /^Pages that may show approvals: none -> https:\/\/host\.example$/,
  },
  {
    name: 'one more host key',
    ask: ['POST', '/v1/host-keys', { kid: 'host-1', name: 'The host', public_key: HOST_KEY }],
    loosens: /^Host key host-1 \(SHA-256 thumbprint\): none -> [\w-]{43}$/,
  },
  {
    name: 'a new admin',
    ask: ['POST', '/v1/members', { name: 'Third', role: 'admin' }],
    loosens: /^New admin: no member -> Third$/,
  },
];

/** Everything that the operations could change, as text. */
async function policyOf({ url, keys }: Running): Promise<string> {
  const paths = ['/v1/settings', '/v1/rules', '/v1/gates', '/v1/members', '/v1/origins', '/v1/host-keys'];
  const all = await Promise.all(paths.map((path) => call<object>(url, keys.personal, 'GET', path)));
  return all.map(({ text }) => text).join('\n');
}

for (const engine of ENGINES) {
  describe(`loosening the policy on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    const { url, keys } = server;
    let second: Person;
    let reviewer: Person;
    after(() => server.stop());

    const asAdmin = <T>(method: string, path: string, body?: object) =>
      call<T>(url, keys.personal, method, path, body);
    const settings = async () => (await asAdmin<Settings>('GET', '/v1/settings')).body;
    const vote = (key: string, id: string, verb = 'approve') =>
      call<Approval>(url, key, 'POST', `/v1/approvals/${id}/${verb}`, {});
    const pendingOf = ({ status, body, text }: Answer<PendingChange>): PendingChange => {
      assert.equal(status, 202, text);
      return body;
    };
    /** After the worker has done what is due. */
    const settled = async (id: string) => {
      await server.cases.worker.runDue();
      return (await asAdmin<Approval>('GET', `/v1/approvals/${id}`)).body;
    };

    test('a workspace with one admin changes directly, also by making a second one', async () => {
      assert.equal((await asAdmin('PUT', '/v1/settings', { allow_self_approval: true })).status, 200);
      assert.equal((await asAdmin('PUT', '/v1/settings', { allow_self_approval: false })).status, 200);
      second = await addPerson(server, 'admin', 'Second');
      reviewer = await addPerson(server, 'reviewer', 'Reviewer');
    });

    for (const { name, given, ask, loosens } of OPERATIONS) {
      test(`${name}: a second human has to approve, and then it is made`, async () => {
        const made = given ? await asAdmin<{ id?: string }>(...given) : null;
        if (made) assert.ok(made.status === 200 || made.status === 201, made.text);
        const [method, path, body] = ask;
        const before = await policyOf(server);
        const asked = await asAdmin<PendingChange>(method, path.replace(':given', made?.body.id ?? ''), body);
        const { approval_id, loosens: sentences, action_type } = pendingOf(asked);
        assert.equal(sentences.length, 1);
        assert.match(sentences[0] ?? '', loosens);
        assert.match(action_type, /^countersign\.(settings|rule|gates|member|origin|host_key)\.change$/);
        const { body: approval } = await asAdmin<Approval>('GET', `/v1/approvals/${approval_id}`);
        assert.deepEqual([approval.assignees, approval.risk_level], [[second.id], 'high']);
        assert.deepEqual(approval.params['loosens'], sentences);
        assertRefused(await vote(keys.personal, approval_id), 403, 'forbidden');
        assertRefused(await vote(reviewer.key, approval_id), 403, 'forbidden');
        assert.equal(await policyOf(server), before, 'nothing has changed yet');
        assert.equal((await vote(second.key, approval_id)).status, 200);
        assert.equal((await settled(approval_id)).status, 'executed');
        assert.notEqual(await policyOf(server), before);
      });
    }

    test('tightening is done at once, and so is what tells people', async () => {
      const patch = { execution_window_s: 3_600, mail_digest_after: 7, trust: { enabled: false } };
      const done = await asAdmin<Settings>('PUT', '/v1/settings', patch);
      assert.deepEqual([done.status, done.body.execution_window_s], [200, 3_600]);
      const saved = await asAdmin<SavedRule>('POST', '/v1/rules', rule('deny', 'never'));
      assert.equal(saved.status, 201);
      const members = await asAdmin<{ items: Member[] }>('GET', '/v1/members');
      const third = members.body.items.find((one) => one.name === 'Third');
      assert.equal((await asAdmin('DELETE', `/v1/members/${third?.id}`)).status, 204);
    });

    test('self-approval turned on does not reach the policy itself', async () => {
      assert.equal((await settings()).allow_self_approval, true, 'approved above');
      const { approval_id } = pendingOf(await asAdmin('PUT', '/v1/settings', { execution_window_s: 7_200 }));
      const own = await vote(keys.personal, approval_id);
      assertRefused(own, 403, 'forbidden');
      assert.match(own.text, /another admin has to approve it/);
      assert.equal((await vote(second.key, approval_id, 'deny')).status, 200);
      assert.equal((await settled(approval_id)).status, 'denied');
      assert.equal((await settings()).execution_window_s, 3_600);
    });

    test('a change whose base has moved is refused when it is made; one of something else is not', async () => {
      const first = pendingOf(await asAdmin('PUT', '/v1/settings', { execution_window_s: 90_000 }));
      const other = pendingOf(await asAdmin('PUT', '/v1/settings', { trust: { max_risk: 'medium' } }));
      assert.equal((await asAdmin('PUT', '/v1/settings', { execution_window_s: 1_800 })).status, 200);
      await vote(second.key, first.approval_id);
      await vote(second.key, other.approval_id);
      const refused = await settled(first.approval_id);
      assert.equal(refused.status, 'failed');
      assert.match(refused.execution?.error ?? '', /has changed since it was asked for, so nothing was done/);
      assert.equal((await settled(other.approval_id)).status, 'executed');
      const now = await settings();
      assert.deepEqual([now.execution_window_s, now.trust.max_risk], [1_800, 'medium']);
    });

    test('edits, agents and look-alikes get nowhere', async () => {
      const { approval_id } = pendingOf(await asAdmin('PUT', '/v1/settings', { execution_window_s: 9_000 }));
      const edits = { edits: { loosens: [] } };
      const path = `/v1/approvals/${approval_id}/approve-with-edits`;
      assertRefused(await call(url, second.key, 'POST', path, edits), 400, 'invalid_input');
      assertRefused(await vote(keys.agent, approval_id), 404, 'not_found');
      const fake = { action_type: 'countersign.settings.change', action_summary: 'Please' };
      for (const key of [keys.agent, keys.service, keys.personal]) {
        const asked = await call(url, key, 'POST', '/v1/approvals', fake);
        assertRefused(asked, 400, 'invalid_input', 'body/action_type');
      }
    });

    test('a rule that denies everything does not lock the policy up', async () => {
      const all = { name: 'all', effect: 'deny', match: { 'action.prefix': 'c' } };
      const saved = await asAdmin<SavedRule>('POST', '/v1/rules', all);
      const { approval_id } = pendingOf(await asAdmin('DELETE', `/v1/rules/${saved.body.id}`));
      await vote(second.key, approval_id);
      assert.equal((await settled(approval_id)).status, 'executed');
      assertRefused(await asAdmin('GET', `/v1/rules/${saved.body.id}`), 404, 'not_found');
    });

    test('the same key and body ask once', async () => {
      const send = () =>
        call<PendingChange>(
          url,
          keys.personal,
          'POST',
          '/v1/members',
          { name: 'Fourth', role: 'admin' },
          { 'Idempotency-Key': 'fourth' },
        );
      const [one, two] = [pendingOf(await send()), pendingOf(await send())];
      assert.equal(one.approval_id, two.approval_id);
    });

    test('who asked and is no admin any more gets nothing', async () => {
      const { approval_id } = pendingOf(
        await call(url, second.key, 'POST', '/v1/rules', rule('approve', 'late')),
      );
      assert.equal((await asAdmin('DELETE', `/v1/members/${second.id}`)).status, 204);
      assert.equal((await vote(keys.personal, approval_id)).status, 200);
      const late = await settled(approval_id);
      assert.equal(late.status, 'failed');
      assert.match(late.execution?.error ?? '', /Second, who asked for it, is no admin any more/);
    });
  });
}
