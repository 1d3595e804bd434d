/** INVARIANT: what hangs or fails takes a bounded share of what runs at once, so healthy targets always find room. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLanes, type Lanes } from '../../server/app/lanes.ts';

const T0 = 1_000_000;

/** Starts as many jobs of a lane as may start. */
function fill(lanes: Lanes, lane: string, now = T0): number {
  let started = 0;
  for (; lanes.free(lane, now) > 0; started++) lanes.started(lane);
  return started;
}

/** Runs one job of a lane that behaves as said. */
function run(lanes: Lanes, lane: string, healthy: boolean, now = T0): void {
  lanes.started(lane);
  lanes.ended(lane, healthy, now);
}

describe('a lane', () => {
  test('starts slowly, and gets more once its target has answered well', () => {
    const lanes = createLanes();
    assert.equal(fill(lanes, 'run:a'), 2);
    lanes.ended('run:a', true, T0);
    lanes.ended('run:a', true, T0);
    assert.equal(fill(lanes, 'run:a'), 4);
    for (let n = 0; n < 2; n++) run(lanes, 'hook:b', true);
    assert.equal(fill(lanes, 'hook:b'), 8);
  });

  test('gets one job at a time after a failure, until its target answers well', () => {
    const lanes = createLanes();
    for (let n = 0; n < 9; n++) run(lanes, 'hook:a', true);
    run(lanes, 'hook:a', false);
    assert.equal(fill(lanes, 'hook:a'), 1);
    lanes.ended('hook:a', true, T0);
    assert.equal(fill(lanes, 'hook:a'), 2, 'it starts slowly again');
  });

  test('pauses after five failures in a row, longer each time, and then gets one try', () => {
    const lanes = createLanes();
    for (let n = 0; n < 4; n++) run(lanes, 'run:a', false);
    assert.deepEqual([lanes.free('run:a', T0), lanes.opensAt('run:a'), lanes.paused(T0)], [1, 0, 0]);
    run(lanes, 'run:a', false);
    assert.deepEqual(
      [lanes.free('run:a', T0), lanes.opensAt('run:a'), lanes.paused(T0)],
      [0, T0 + 30_000, 1],
    );
    assert.equal(lanes.free('run:a', T0 + 30_000), 1);
    run(lanes, 'run:a', false, T0 + 30_000);
    assert.equal(lanes.opensAt('run:a'), T0 + 90_000);
    for (let n = 0; n < 9; n++) run(lanes, 'run:a', false, T0);
    assert.equal(lanes.opensAt('run:a'), T0 + 300_000, 'never longer than five minutes');
    run(lanes, 'run:a', true);
    assert.deepEqual([lanes.free('run:a', T0), lanes.paused(T0)], [2, 0]);
  });

  test('without a target is never slowed by those that have one', () => {
    const lanes = createLanes();
    for (let n = 0; n < 2_000; n++) fill(lanes, `hook:${n}`);
    assert.equal(lanes.free('hook:new', T0), 0, 'the room for targets is used up');
    assert.equal(fill(lanes, 'expire'), 64);
  });

  test('that fails leaves room for the healthy ones, however many fail', () => {
    const lanes = createLanes();
    for (let n = 0; n < 2_000; n++) run(lanes, `hook:${n}`, false);
    let failing = 0;
    for (let n = 0; n < 2_000; n++) failing += fill(lanes, `hook:${n}`);
    assert.equal(failing, 200);
    for (let n = 0; n < 2; n++) run(lanes, 'hook:good', true);
    assert.equal(fill(lanes, 'hook:good'), 8);
    for (let n = 0; n < 2_000; n++) if (lanes.free(`hook:${n}`, T0) === 0) lanes.ended(`hook:${n}`, true, T0);
    assert.equal(lanes.free('hook:5', T0) > 0, true, 'room comes back');
  });
});
