/** A second workspace in a store, with an admin and keys of its own: what no endpoint can make yet. */
import assert from 'node:assert/strict';
import { type FirstRun, firstRun } from '../../server/app/first-run.ts';
import type { Store } from '../../server/core/ports.ts';
import { createIds, systemClock } from '../../server/system.ts';

/** Makes it by a first run on a store that says it is empty. */
export async function addWorkspace(store: Store): Promise<FirstRun> {
  const says_empty = { ...store, read: () => Promise.resolve(null) } as unknown as Store;
  const deps = {
    store: says_empty,
    clock: systemClock,
    ids: createIds(),
    public_url: 'http://other.invalid',
  };
  const made = await firstRun(deps, () => {});
  assert.ok(made);
  return made;
}
