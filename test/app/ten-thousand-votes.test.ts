/**
 * One person presses Approve ten thousand times at once, through four channels: it is one vote. All of them on the
 * embedded store; on PostgreSQL as many as are cheap.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Via } from '../../schemas/people.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { MemberPrincipal } from '../../server/core/principal.ts';
import { addPerson, ask, ENGINES, startCountersign } from '../support/server.ts';

const PRESSES = { sqlite: 10_000, postgres: 600 } as const;
const WAYS: readonly { via: Via; assurance: MemberPrincipal['assurance'] }[] = [
  { via: 'api', assurance: 'linked' },
  { via: 'web', assurance: 'session' },
  { via: 'slack', assurance: 'linked' },
  { via: 'email', assurance: 'link' },
];

for (const engine of ENGINES) {
  describe(`many votes of one person on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { cases, first } = server;
    const one = await addPerson(server, 'reviewer', 'Ana');
    const other = await addPerson(server, 'reviewer', 'Ben');
    const as = (id: string, n: number): MemberPrincipal => {
      const way = WAYS[n % WAYS.length] ?? { via: 'web', assurance: 'session' };
      return { kind: 'member', workspace_id: first.workspace_id, id, name: id, role: 'reviewer', ...way };
    };
    const press = (id: string, who: MemberPrincipal, n: number): Promise<object> => {
      const command = { type: 'approve' as const };
      const channel = who.via === 'slack' || who.via === 'email';
      return channel ? cases.door.act(who, id, command, `press-${n}`) : cases.approvals.act(who, id, command);
    };
    const get = async (id: string): Promise<Approval> => {
      const found = await cases.queries.get(as(one.id, 0), id);
      assert.ok(!isRefusal(found));
      return found;
    };

    test(`${PRESSES[engine]} presses count once, and the second person completes it`, async () => {
      const { id } = await ask(server, { quorum: 2, risk_level: 'low' });
      const presses = Array.from({ length: PRESSES[engine] }, (_, n) => press(id, as(one.id, n), n));
      const answers = await Promise.all(presses);
      assert.equal(answers.filter((answer) => !isRefusal(answer)).length, 1);
      const codes = new Set(answers.flatMap((answer) => (isRefusal(answer) ? [answer.code] : [])));
      assert.deepEqual([...codes], ['conflict']);
      const after_one = await get(id);
      assert.deepEqual([after_one.status, after_one.version, after_one.votes.length], ['pending', 2, 1]);
      await press(id, as(other.id, 1), -1);
      const done = await get(id);
      assert.deepEqual([done.status, done.votes.length], ['approved', 2]);
    });
  });
}
