/** Asking and reading over HTTP, on both engines: create, list, count, get, status with waiting, the audit trail. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, describe, test } from 'node:test';
import type { Approval, ApprovalStatus } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock } from '../support/manual-clock.ts';
import { addPerson, ask, countAll, ENGINES, PAYMENT, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

type Page = { items: Approval[]; next_cursor: string | null; pending_count: number };
type Count = { count: number; by_status: Record<string, number> };

for (const engine of ENGINES) {
  describe(`approvals on ${engine}`, async () => {
    const clock = manualClock();
    const server = await startCountersign({ engine, clock });
    after(() => server.stop());
    const { url, keys } = server;
    const reviewer = await addPerson(server, 'reviewer');
    const get = <T>(path: string, key = keys.personal) => call<T>(url, key, 'GET', path);

    test('a request is pending, with its defaults, a digest, an expiry and the page that reviews it', async () => {
      const made = await ask(server, { risk_level: 'high', tags: ['travel'] });
      assert.deepEqual(
        [made.status, made.version, made.risk_level, made.quorum, made.requested_by.kind],
        ['pending', 1, 'high', 1, 'agent'],
      );
      assert.equal(Date.parse(made.expires_at) - Date.parse(made.created_at), 4 * 3_600_000);
      assert.equal(made.url, `${url}/approvals/${made.id}`);
      assert.deepEqual((await get<Approval>(`/v1/approvals/${made.id}`)).body, made);
    });

    test('the digest is over the received bytes of params, odd spaces and 1.50 included', async () => {
      const params = '{ "amount" :1.50,\t"currency":  "EUR",\n "note":"\\u00e9 é" }';
      const body = `{"action_type":"x.y","action_summary":"s", "params"  :   ${params}  , "type":"financial"}`;
      const made = await call<Approval>(url, keys.agent, 'POST', '/v1/approvals', body);
      assert.equal(made.status, 201, made.text);
      assert.equal(made.body.params_digest, hash('sha256', params));
      const none = await call<Approval>(url, keys.agent, 'POST', '/v1/approvals', {
        action_type: 'x.y',
        action_summary: 's',
      });
      assert.equal(none.body.params_digest, hash('sha256', '{}'));
    });

    test('params whose name is written with an escape are refused, since their bytes could not be told', async () => {
      const body = '{"action_type":"x.y","action_summary":"s","p\\u0061rams":{"a":1}}';
      assertRefused(await call(url, keys.agent, 'POST', '/v1/approvals', body), 400, 'invalid_input', 'body');
    });

    test('a get carries its version as ETag and is never stored', async () => {
      const { id } = await ask(server);
      const { headers } = await get(`/v1/approvals/${id}`);
      assert.equal(headers.get('etag'), '"1"');
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.match(headers.get('x-request-id') ?? '', /^req_/);
    });

    test('an id that is unknown, foreign in shape or full of odd bytes is not found', async () => {
      for (const id of ['apr_00000000000000000000000000', 'nothing', '%C3%A9', 'a%00b', '..%2F..']) {
        for (const rest of ['', '/status', '/events', '/messages']) {
          assertRefused(await get(`/v1/approvals/${id}${rest}`), 404, 'not_found');
        }
        assertRefused(await call(url, keys.personal, 'POST', `/v1/approvals/${id}/deny`), 404, 'not_found');
      }
      assertRefused(await get('/v1/approvals/%E0%A4%A'), 400, 'invalid_input', 'path');
    });

    test('every filter finds what it names and nothing else, and the count agrees', async () => {
      clock.advance(1_000);
      const start = new Date(clock.now()).toISOString();
      const made = await ask(server, {
        type: 'deployment',
        action_type: 'deploy.web',
        action_summary: 'Ship the FILTERED release',
        risk_level: 'low',
        agent_id: 'agent-f',
        user_id: 'user-f',
        team_id: 'team-f',
        tags: ['blue', 'green'],
        assignees: [reviewer.id],
        params: { service: 'web' },
      });
      clock.advance(1_000);
      const end = new Date(clock.now()).toISOString();
      const filters = [
        'type=deployment',
        'risk_level=low',
        'action_type=deploy.web',
        'action_type=deploy.*',
        'agent_id=agent-f',
        'user_id=user-f',
        'team_id=team-f',
        'tag=green',
        `assignee=${reviewer.id}`,
        'q=filtered',
        `q=${made.id}`,
        `since=${start}&until=${end}`,
        'status=pending,denied&tag=blue',
      ];
      for (const filter of filters) {
        const page = (await get<Page>(`/v1/approvals?${filter}`)).body;
        assert.deepEqual(
          page.items.map(({ id }) => id),
          [made.id],
          filter,
        );
        assert.equal((await get<Count>(`/v1/approvals/count?${filter}`)).body.count, 1, filter);
      }
      const mine = await get<Page>('/v1/approvals?assignee=me', reviewer.key);
      assert.deepEqual(
        mine.body.items.map(({ id }) => id),
        [made.id],
      );
      const others = [
        'tag=gree',
        'action_type=deploy',
        'status=denied&tag=blue',
        'q=nowhere',
        `until=${start}&tag=blue`,
      ];
      for (const filter of others) {
        assert.equal((await get<Page>(`/v1/approvals?${filter}`)).body.items.length, 0, filter);
        assert.equal((await get<Count>(`/v1/approvals/count?${filter}`)).body.count, 0, filter);
      }
    });

    test('a query that is not valid is refused with the parameter that is wrong', async () => {
      const wrong: [query: string, place: string][] = [
        ['limit=0', 'query/limit'],
        ['limit=201', 'query/limit'],
        ['limit=ten', 'query/limit'],
        ['cursor=apr_1', 'query/cursor'],
        ['status=open', 'query/status'],
        ['status=pending,', 'query/status'],
        ['risk_level=huge', 'query/risk_level'],
        ['since=yesterday', 'query/since'],
        ['since=2030-12-31T23:59:60Z', 'query/since'],
        ['colour=red', 'query/colour'],
        ['tag=a&tag=b', 'query/tag'],
        ['q=', 'query/q'],
        ['q=a%00b', 'query/q'],
        ['__proto__=1', 'query/__proto__'],
      ];
      for (const [query, place] of wrong) {
        assertRefused(await get(`/v1/approvals?${query}`), 400, 'invalid_input', place);
      }
      assertRefused(await get('/v1/approvals/count?limit=5'), 400, 'invalid_input', 'query/limit');
      const { id } = await ask(server);
      const status = `/v1/approvals/${id}/status`;
      assertRefused(await get(`${status}?wait=61`), 400, 'invalid_input', 'query/wait');
      assertRefused(await get(`${status}?wait=-1`), 400, 'invalid_input', 'query/wait');
      assertRefused(await get(`${status}?version=0`), 400, 'invalid_input', 'query/version');
      assertRefused(await get(`${status}?for=1`), 400, 'invalid_input', 'query/for');
    });

    test('following the cursors shows the whole list once, newest first, with any page size and filter', async () => {
      for (let n = 0; n < 23; n++) await ask(server, { tags: ['walked'], action_summary: `Number ${n}` });
      const walk = async (query: string) => {
        const ids: string[] = [];
        for (let cursor: string | null = ''; cursor !== null;) {
          const page: Page = (await get<Page>(`/v1/approvals?${query}${cursor && `&cursor=${cursor}`}`)).body;
          ids.push(...page.items.map(({ id }) => id));
          cursor = page.next_cursor;
        }
        return ids;
      };
      const all = await walk('limit=200');
      assert.equal(all.length, await countAll(server));
      assert.deepEqual(all, all.toSorted().toReversed());
      assert.deepEqual(await walk('limit=7'), all);
      assert.deepEqual(await walk('limit=1&tag=walked'), await walk('tag=walked&limit=200'));
      assert.equal((await walk('limit=5&tag=walked&status=pending,denied')).length, 23);
    });

    test('pending_count and count follow the decisions', async () => {
      const before = (await get<Page>('/v1/approvals?limit=1')).body.pending_count;
      const { id } = await ask(server);
      assert.equal((await get<Page>('/v1/approvals?limit=1')).body.pending_count, before + 1);
      await call(url, keys.personal, 'POST', `/v1/approvals/${id}/deny`);
      assert.equal((await get<Page>('/v1/approvals?limit=1')).body.pending_count, before);
      const { count, by_status } = (await get<Count>('/v1/approvals/count')).body;
      assert.equal(by_status['pending'], before);
      assert.equal(
        Object.values(by_status).reduce((sum, n) => sum + n, 0),
        count,
      );
    });

    test('a status that is waited for answers when a person decides', async () => {
      const { id } = await ask(server);
      const waiting = get<ApprovalStatus>(`/v1/approvals/${id}/status?wait=60`, keys.agent);
      const body = { edits: { amount: 99.5 }, reason: 'less is enough' };
      await call(url, reviewer.key, 'POST', `/v1/approvals/${id}/approve-with-edits`, body);
      const { status, approver_name, reason, modified_params, version } = (await waiting).body;
      assert.deepEqual([status, version], ['approved_with_edits', 2]);
      assert.deepEqual([approver_name, reason], [reviewer.name, 'less is enough']);
      assert.equal(modified_params?.['amount'], 99.5);
    });

    test('a status that is waited for answers when its time is over, and nothing has changed', async () => {
      const { id } = await ask(server);
      let answered: ApprovalStatus | null = null;
      const waiting = get<ApprovalStatus>(`/v1/approvals/${id}/status?wait=30`).then(({ body }) => {
        answered = body;
        return body;
      });
      await eventually('the answer after its time', () => {
        clock.advance(1_000);
        return answered;
      });
      assert.deepEqual([(await waiting).status, (await waiting).version], ['pending', 1]);
    });

    test('a status with the version one knows answers at once when there is another', async () => {
      const { id } = await ask(server);
      await call(url, reviewer.key, 'POST', `/v1/approvals/${id}/messages`, { content: 'Why?' });
      const known = await get<ApprovalStatus>(`/v1/approvals/${id}/status?wait=60&version=1`);
      assert.deepEqual([known.body.status, known.body.version], ['asked_question', 3]);
      const decided = await ask(server);
      await call(url, reviewer.key, 'POST', `/v1/approvals/${decided.id}/deny`);
      const over = await get<ApprovalStatus>(`/v1/approvals/${decided.id}/status?wait=60`);
      assert.equal(over.body.status, 'denied', 'what can change no more is not waited for');
    });

    test('the trail tells the whole story, and holds when recomputed from its rows', async () => {
      const { id } = await ask(server);
      const path = `/v1/approvals/${id}`;
      await call(url, reviewer.key, 'POST', `${path}/messages`, { content: 'What does it cost?' });
      await call(url, keys.agent, 'POST', `${path}/messages`, { content: 'Nothing more' });
      await call(url, keys.personal, 'POST', `${path}/respond`, {
        decision: 'delegate',
        delegate_to: reviewer.id,
      });
      await call(url, reviewer.key, 'POST', `${path}/approve`, { reason: 'fine' });
      const trail = (await get<AuditTrail>(`${path}/events`)).body;
      assert.deepEqual(
        trail.items.map(({ type, actor }) => [type, actor.kind]),
        [
          ['approval.requested', 'agent'],
          ['approval.question_asked', 'member'],
          ['approval.context_answered', 'system'],
          ['approval.answered', 'agent'],
          ['approval.delegated', 'member'],
          ['approval.approved', 'member'],
        ],
      );
      assertIntact(trail);
      const changed = structuredClone(trail);
      const row = changed.items[1];
      assert.ok(row);
      row.record = row.record.replace('What', 'Who');
      assert.throws(() => assertIntact(changed), 'a word changed in the middle is seen');
    });

    test('a request that can’t be taken is refused with its place, and nothing is stored', async () => {
      const before = await countAll(server);
      const wrong: [more: Record<string, unknown>, place: string][] = [
        [{ action_type: undefined }, 'body/action_type'],
        [{ action_summary: '' }, 'body/action_summary'],
        [{ colour: 'red' }, 'body/colour'],
        [{ confidence: 1.5 }, 'body/confidence'],
        [{ quorum: 0 }, 'body/quorum'],
        [{ quorum: 9 }, 'body/quorum'],
        [{ assignees: ['mem_00000000000000000000000000'] }, 'body/assignees/0'],
        [{ assignees: ['no\u0000body'] }, 'body/assignees/0'],
        [{ expires_at: '2001-01-01T00:00:00Z' }, 'body/expires_at'],
        [{ expires_at: '2040-12-31T23:59:60Z' }, 'body/expires_at'],
        [{ expires_at: '2040-01-01T00:00:00Z', expires_in_s: 60 }, 'body/expires_at'],
        [{ expires_in_s: 0 }, 'body/expires_in_s'],
        [{ escalation_schema: { type: 'no such type' } }, 'body/escalation_schema/type'],
        [
          { escalation_schema: { properties: { a: { pattern: '(?=a)b' } } } },
          'body/escalation_schema/properties/a/pattern',
        ],
        [{ escalation_schema: { $ref: 'https://example.com/x' } }, 'body/escalation_schema/$ref'],
        [
          { request: { method: 'POST', url: 'https://192.168.0.1/pay' }, params: undefined },
          'body/request/url',
        ],
      ];
      for (const [more, place] of wrong) {
        const answer = await call(url, keys.agent, 'POST', '/v1/approvals', { ...PAYMENT, ...more });
        assertRefused(answer, 400, 'invalid_input', place);
      }
      const viewer = await addPerson(server, 'viewer');
      const toViewer = { ...PAYMENT, assignees: [viewer.id] };
      const answer = await call(url, keys.agent, 'POST', '/v1/approvals', toViewer);
      assertRefused(answer, 400, 'invalid_input', 'body/assignees/0');
      assert.equal(await countAll(server), before);
    });

    test('text with a NUL, which not every store can hold, is refused with its place on both engines', async () => {
      const fields = ['action_type', 'action_summary', 'agent_id', 'user_id', 'team_id', 'reasoning'];
      for (const field of fields) {
        const asked = { ...PAYMENT, [field]: 'a\u0000b' };
        const answer = await call(url, keys.agent, 'POST', '/v1/approvals', asked);
        assertRefused(answer, 400, 'invalid_input', `body/${field}`);
      }
      const deep = { ...PAYMENT, params: { amount: 1, currency: 'EUR', payee: { name: 'a\u0000b' } } };
      const answer = await call(url, keys.agent, 'POST', '/v1/approvals', deep);
      assertRefused(answer, 400, 'invalid_input', 'body/params/payee/name');
    });
  });
}
