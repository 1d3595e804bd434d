/**
 * INVARIANT: an expired approval can never be approved, whatever the timers did. On both engines, with a clock that
 * the test moves.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval, ApprovalStatus } from '../../schemas/approval.ts';
import type { AuditTrail } from '../../schemas/event.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock } from '../support/manual-clock.ts';
import { ask, ENGINES, startCountersign } from '../support/server.ts';
import { assertIntact } from '../support/trail.ts';

const HOUR_MS = 3_600_000;

for (const engine of ENGINES) {
  describe(`expiry on ${engine}`, async () => {
    const clock = manualClock();
    const server = await startCountersign({ engine, clock });
    after(() => server.stop());
    const { url, keys } = server;
    const get = <T>(path: string) => call<T>(url, keys.personal, 'GET', path);
    const post = <T>(path: string, body: object = {}, key = keys.personal) =>
      call<T>(url, key, 'POST', path, body);
    const life_h = (a: Approval) => (Date.parse(a.expires_at) - Date.parse(a.created_at)) / HOUR_MS;

    test('the life of a request follows its risk, its own wish, and the workspace’s settings', async () => {
      const lives = { low: 7 * 24, medium: 24, high: 4, critical: 1 };
      for (const [risk_level, hours] of Object.entries(lives)) {
        assert.equal(life_h(await ask(server, { risk_level })), hours);
      }
      assert.equal(life_h(await ask(server)), 24, 'medium where nothing is stated');
      assert.equal(life_h(await ask(server, { expires_in_s: 7_200 })), 2);
      const expires_at = new Date(clock.now() + 3 * HOUR_MS).toISOString();
      assert.equal((await ask(server, { expires_at })).expires_at, expires_at);
      const life_s = { low: 60, medium: 7_200, high: 60, critical: 60 };
      await call(url, keys.personal, 'PUT', '/v1/settings', { life_s });
      assert.equal(life_h(await ask(server)), 2);
    });

    test('a timer expires what nobody decided, without anybody looking', async () => {
      const { id } = await ask(server, { expires_in_s: 90, tags: ['timed'] });
      clock.advance(91_000);
      // Counting reads the stored status and expires nothing by itself.
      await eventually('the job', async () => {
        const { body } = await get<{ by_status: Record<string, number> }>('/v1/approvals/count?tag=timed');
        clock.advance(1_000);
        return body.by_status['expired'] === 1;
      });
      const trail = (await get<AuditTrail>(`/v1/approvals/${id}/events`)).body;
      assertIntact(trail);
      assert.deepEqual(
        trail.items.map(({ type, actor }) => [type, actor.kind]),
        [
          ['approval.requested', 'agent'],
          ['approval.expired', 'system'],
        ],
      );
    });

    test('without a single timer, a decision that comes too late is refused and expires it', async () => {
      const attempts: [verb: string, body: object][] = [
        ['approve', {}],
        ['approve-with-edits', { edits: { amount: 1 } }],
        ['deny', {}],
        ['respond', { decision: 'take_over' }],
        ['messages', { content: 'Why?' }],
      ];
      for (const [verb, body] of attempts) {
        const { id } = await ask(server, { expires_in_s: 60 });
        clock.jump(60_000);
        const late = await post<Record<string, unknown>>(`/v1/approvals/${id}/${verb}`, body);
        assertRefused(late, 409, 'expired');
        assert.equal(late.body['approval_status'], 'expired');
        assert.equal((await get<Approval>(`/v1/approvals/${id}`)).body.status, 'expired');
        const trail = (await get<AuditTrail>(`/v1/approvals/${id}/events`)).body;
        assert.deepEqual([trail.items.length, trail.chain.valid], [2, true]);
      }
    });

    test('without a single timer, whoever looks sees it expired', async () => {
      const looks: ((id: string) => Promise<string | undefined>)[] = [
        async (id) => (await get<Approval>(`/v1/approvals/${id}`)).body.status,
        async (id) => (await get<ApprovalStatus>(`/v1/approvals/${id}/status?wait=60`)).body.status,
        async (id) => (await get<{ items: Approval[] }>(`/v1/approvals?q=${id}`)).body.items[0]?.status,
        async (id) =>
          (await get<AuditTrail>(`/v1/approvals/${id}/events`)).body.items.at(-1)?.type.split('.')[1],
      ];
      for (const look of looks) {
        const { id } = await ask(server, { expires_in_s: 60 });
        clock.jump(60_000);
        assert.equal(await look(id), 'expired');
        assertRefused(await post(`/v1/approvals/${id}/approve`), 409, 'expired');
      }
    });

    test('an expired approval is not among the pending ones, even before a timer noticed', async () => {
      const { id } = await ask(server, { expires_in_s: 60, tags: ['late'] });
      clock.jump(60_000);
      const page = await get<{ items: Approval[] }>('/v1/approvals?status=pending&tag=late');
      assert.deepEqual(page.body.items, []);
      const expired = await get<{ items: Approval[] }>('/v1/approvals?status=expired&tag=late');
      assert.deepEqual(
        expired.body.items.map((item) => item.id),
        [id],
      );
    });

    test('who waits is told when the time is over', async () => {
      const { id } = await ask(server, { expires_in_s: 60 });
      let answer: ApprovalStatus | null = null;
      const waiting = get<ApprovalStatus>(`/v1/approvals/${id}/status?wait=60`).then(({ body }) => {
        answer = body;
      });
      await eventually('the end of the wait', () => {
        clock.advance(5_000);
        return answer;
      });
      await waiting;
      assert.equal((answer as ApprovalStatus | null)?.status, 'expired');
    });
  });
}
