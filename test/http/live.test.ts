/** INVARIANT: a reader of the feed that comes back with its last id gets exactly what it missed, once and in order. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, describe, test } from 'node:test';
import type { NewKey } from '../../schemas/people.ts';
import { openFeed } from '../support/live-feed.ts';
import { assertRefused, call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { ask, ENGINES, startCountersign } from '../support/server.ts';

const ROUNDS = 40;
const WRITERS = 12;
/** Events of some 20 kB: eight megabytes, where one may wait in memory and some more in the sockets. */
const BACKLOG = 400;
const PROSE = 'a long reason '.repeat(1_400);

const bearer = (key: string) => ({ Authorization: `Bearer ${key}` });

for (const engine of ENGINES) {
  describe(`the live feed on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { url, keys } = server;
    const decide = (id: string, verb = 'deny') =>
      call(url, keys.personal, 'POST', `/v1/approvals/${id}/${verb}`, {});

    test('tells each event as it happens, with the approval and its sequence', async () => {
      const feed = await openFeed(url, bearer(keys.personal));
      const { id } = await ask(server);
      const asked = await feed.next();
      assert.deepEqual([asked.type, asked.data.data.id, asked.data.sequence], ['approval.requested', id, 1]);
      await decide(id);
      const denied = await feed.next();
      assert.deepEqual(
        [denied.type, denied.data.type, denied.data.sequence, denied.data.data.status],
        ['approval.denied', 'approval.denied', 2, 'denied'],
      );
      feed.close();
    });

    test('resumes behind the last id with exactly what was missed, by header or by query', async () => {
      const feed = await openFeed(url, bearer(keys.personal));
      await ask(server);
      const last = await feed.next();
      feed.close();
      const missed: string[] = [];
      for (let n = 0; n < 250; n++) missed.push((await ask(server)).id);
      const resume = { ...bearer(keys.personal), 'Last-Event-ID': last.id };
      const again = await openFeed(url, resume);
      const newest = await ask(server);
      const told = await again.take(missed.length + 1);
      assert.deepEqual(
        told.map(({ data }) => data.data.id),
        [...missed, newest.id],
      );
      again.close();
      const byQuery = await openFeed(url, bearer(keys.personal), `?last_event_id=${last.id}`);
      assert.equal((await byQuery.next()).data.data.id, missed[0]);
      byQuery.close();
    });

    test('tells one approval’s events alone where that is asked for', async () => {
      const { id } = await ask(server);
      const feed = await openFeed(url, bearer(keys.personal), `?approval_id=${id}`);
      await decide((await ask(server)).id);
      await decide(id);
      assert.deepEqual((await feed.next()).data.data.id, id);
      feed.close();
    });

    test('tells an agent its own events and nobody else’s', async () => {
      const made = await call<NewKey>(url, keys.personal, 'POST', '/v1/keys', {
        kind: 'agent',
        name: 'b',
        agent_id: 'b',
      });
      const feed = await openFeed(url, bearer(made.body.key));
      await ask(server);
      await ask(server, { agent_id: 'c' });
      const own = await ask(server, {}, made.body.key);
      const named = await ask(server, { agent_id: 'b' });
      assert.deepEqual(
        (await feed.take(2)).map(({ data }) => data.data.id),
        [own.id, named.id],
      );
      feed.close();
    });

    test('ends for a key that is revoked, while others come back where they were', async () => {
      const made = await call<NewKey>(url, keys.personal, 'POST', '/v1/keys', {
        kind: 'agent',
        name: 'short',
      });
      const revoked = await openFeed(url, bearer(made.body.key));
      const other = await openFeed(url, bearer(keys.personal));
      const before = await ask(server);
      const seen = await other.next();
      assert.equal(seen.data.data.id, before.id);
      assert.equal((await call(url, keys.personal, 'DELETE', `/v1/keys/${made.body.id}`)).status, 204);
      await assert.rejects(revoked.next(), /the feed ended/);
      await assert.rejects(other.next(), /the feed ended/);
      const missed = await ask(server);
      const again = await openFeed(url, { ...bearer(keys.personal), 'Last-Event-ID': seen.id });
      assert.equal((await again.next()).data.data.id, missed.id);
      again.close();
    });

    test('tells concurrent writers’ events to every reader, once each and in each approval’s order', async () => {
      const feeds = await Promise.all([1, 2, 3].map(() => openFeed(url, bearer(keys.personal))));
      const write = async () => {
        const { id } = await ask(server);
        await decide(id, 'approve');
        return id;
      };
      // Round after round, since the last event of one is what a lost wake-up would keep back.
      for (let round = 0; round < ROUNDS; round++) {
        const ids = await Promise.all(Array.from({ length: WRITERS }, write));
        for (const feed of feeds) {
          const told = await feed.take(ids.length * 2);
          assert.equal(new Set(told.map(({ id }) => id)).size, ids.length * 2);
          for (const id of ids) {
            const own = told.filter(({ data }) => data.data.id === id);
            assert.deepEqual(
              own.map(({ data }) => data.sequence),
              [1, 2],
            );
          }
        }
      }
      for (const feed of feeds) feed.close();
    });

    test('refuses a last id that it never gave out', async () => {
      for (const id of [
        'yesterday',
        '1',
        '-1.0',
        '1.2.3',
        '9999999999999999999.9999999999999999999',
        'a'.repeat(40),
      ]) {
        const headers = { 'Last-Event-ID': id };
        const answer = await call(url, keys.personal, 'GET', '/v1/events', undefined, headers);
        assertRefused(answer, 400, 'invalid_input', 'header/last-event-id');
      }
      const unsigned = await call(url, null, 'GET', '/v1/events');
      assertRefused(unsigned, 401, 'unauthorized');
    });

    test('lets a reader catch up with a backlog far larger than what waits in memory for one', async () => {
      const feed = await openFeed(url, bearer(keys.personal));
      await ask(server);
      const last = await feed.next();
      feed.close();
      const missed: string[] = [];
      for (let n = 0; n < BACKLOG; n++) missed.push((await ask(server, { reasoning: PROSE })).id);
      const again = await openFeed(url, { ...bearer(keys.personal), 'Last-Event-ID': last.id });
      const told = await again.take(missed.length);
      assert.deepEqual(
        told.map(({ data }) => data.data.id),
        missed,
      );
      again.close();
    });

    test('cuts off a live reader that does not read, and forgets it', async () => {
      const readers = () => server.cases.feed.readers();
      await eventually('the end of the readers before', () => readers() === 0);
      const stuck = request(`${url}/v1/events`, { headers: bearer(keys.personal) }, (response) =>
        response.pause(),
      );
      const closed = new Promise((done) => stuck.on('close', done).on('error', done));
      stuck.end();
      await eventually('the reader', () => readers() === 1);
      await eventually('the cut', async () => {
        await ask(server, { reasoning: PROSE });
        return readers() === 0;
      });
      stuck.destroy();
      await closed;
    });
  });
}
