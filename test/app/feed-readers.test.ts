/**
 * INVARIANT: no event is kept back until the next one: whoever says "look" gets a look that began afterwards,
 * however close to the end of the last one they say it. (A lost wake-up here once held a live reader up for ever.)
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createReaders } from '../../server/app/feed-readers.ts';
import type { Store, Tables } from '../../server/core/ports.ts';
import type { Principal } from '../../server/core/principal.ts';

/** More pauses than a look takes, so that each moment of one is met. */
const MOMENTS = 12;
const PERSON: Principal = {
  kind: 'member',
  workspace_id: 'wsp_1',
  id: 'mem_1',
  name: 'Somebody',
  role: 'viewer',
  via: 'web',
  assurance: 'session',
};

/** Steps that end at once with a value. */
function over<T>(value: T) {
  const none: Iterable<never> = [];
  return (function* () {
    yield* none;
    return value;
  })();
}

/** A store whose reads answer at once, as the embedded one's do; `happen` adds an event. */
function fakeStore() {
  const cursors: string[] = [];
  const approval = { id: 'apr_1', workspace_id: 'wsp_1' };
  const event = (cursor: string) => ({ cursor, approval_id: 'apr_1', record: '{"at":""}' });
  // Generators that need no statement: a read of this store is over at once.
  const tables = {
    approvals: { get: () => over({ approval }) },
    events: {
      head: () => over(`0.${cursors.length}`),
      after: (cursor: string) => over(cursors.slice(Number(cursor.split('.')[1])).map(event)),
    },
  } as unknown as Tables;
  const store = {
    read: (work: (t: Tables) => Iterator<unknown>) => Promise.resolve(work(tables).next().value),
  } as unknown as Store;
  return { store, happen: () => cursors.push(`0.${cursors.length + 1}`) };
}

describe('live readers', () => {
  for (let pauses = 0; pauses < MOMENTS; pauses++) {
    test(`are told of an event that happens ${pauses} pauses into a look`, async () => {
      const { store, happen } = fakeStore();
      const readers = createReaders(store);
      const told: string[] = [];
      const deliver = ({ cursor }: { cursor: string }) => told.push(cursor) > 0;
      const sink = { begin: () => {}, deliver, drained: () => undefined, end: () => {} };
      await readers.add(PERSON, { approval_id: null, after: null }, sink);
      happen();
      const looking = readers.pump();
      for (let n = 0; n < pauses; n++) await Promise.resolve();
      happen();
      await readers.pump();
      await looking;
      assert.deepEqual(told, ['0.1', '0.2']);
    });
  }

  test('are told of whatever happens once they are told that they listen', async () => {
    const { store, happen } = fakeStore();
    const readers = createReaders(store);
    const told: string[] = [];
    happen();
    await readers.add(
      PERSON,
      { approval_id: null, after: null },
      {
        begin: happen,
        deliver: ({ cursor }) => told.push(cursor) > 0,
        drained: () => undefined,
        end: () => {},
      },
    );
    assert.deepEqual(told, ['0.2']);
  });

  test('that take no more are given no more', async () => {
    const { store, happen } = fakeStore();
    const readers = createReaders(store);
    const told: string[] = [];
    const sink = {
      begin: () => {},
      deliver: ({ cursor }: { cursor: string }) => told.push(cursor) < 2,
      drained: () => undefined,
      end: () => {},
    };
    for (let n = 0; n < 5; n++) happen();
    await readers.add(PERSON, { approval_id: null, after: '0.1' }, sink);
    happen();
    await readers.pump();
    assert.deepEqual(told, ['0.2', '0.3']);
  });
});
