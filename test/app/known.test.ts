/** INVARIANT: a change made here is seen here at once, and by other processes within a second. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKnown } from '../../server/app/known.ts';
import type { Engine, Store, Tables } from '../../server/core/ports.ts';
import { manualClock } from '../support/manual-clock.ts';

/** A store whose reads see the value as it was when they began, and end when the test says so. */
function slowStore(engine: Engine) {
  const state = { value: 'old', reads: 0 };
  const ends: (() => void)[] = [];
  const store = {
    engine,
    read: (work: (t: Tables) => Iterator<unknown>) => {
      state.reads++;
      const seen = work({} as Tables).next().value;
      return new Promise((resolve) => ends.push(() => resolve(seen)));
    },
  } as unknown as Store;
  const none: Iterable<never> = [];
  const read = function* () {
    yield* none;
    return state.value;
  };
  return { state, store, read, endReads: () => ends.splice(0).forEach((end) => end()) };
}

describe('what is known of a workspace', () => {
  for (const engine of ['sqlite', 'postgres'] as const) {
    test(`is read once, and again after a change, on ${engine}`, async () => {
      const { state, store, read, endReads } = slowStore(engine);
      const known = createKnown({ store, clock: manualClock() }, read);
      const first = known.of('wsp_1');
      endReads();
      assert.equal(await first, 'old');
      assert.equal(await known.of('wsp_1'), 'old');
      assert.equal(state.reads, 1);
      state.value = 'new';
      known.forget('wsp_1');
      const second = known.of('wsp_1');
      endReads();
      assert.equal(await second, 'new');
    });

    test(`is not kept when it changed while it was read, on ${engine}`, async () => {
      const { state, store, read, endReads } = slowStore(engine);
      const known = createKnown({ store, clock: manualClock() }, read);
      const first = known.of('wsp_1');
      state.value = 'new';
      known.forget('wsp_1');
      endReads();
      await first;
      const second = known.of('wsp_1');
      endReads();
      assert.equal(await second, 'new');
    });
  }

  test('is read again after a second where other processes may change it', async () => {
    const { state, store, read, endReads } = slowStore('postgres');
    const clock = manualClock();
    const known = createKnown({ store, clock }, read);
    const first = known.of('wsp_1');
    endReads();
    await first;
    state.value = 'new';
    clock.jump(1_000);
    const second = known.of('wsp_1');
    endReads();
    assert.equal(await second, 'new');
  });
});
