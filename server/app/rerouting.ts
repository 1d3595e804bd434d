/**
 * After people, groups, owners or absences changed: every open approval that names somebody is looked at again.
 * INVARIANT: what can't be approved any more says so, and is told to whoever is asked newly; it is never approved by it.
 * Left out: what follows for one approval (core/decide-routing.ts).
 */
import { isRefusal } from '../core/commands.ts';
import { rerouteJob } from '../core/effects.ts';
import type { ApprovalPage, Steps, Tables } from '../core/ports.ts';
import { isShown, noticeJob } from '../core/posts.ts';
import { systemOf } from '../core/principal.ts';
import type { Approvals } from './approvals.ts';
import type { Deps } from './deps.ts';
import { isSimple } from './directory.ts';
import type { Handler } from './job-runner.ts';
import type { SettingsCase } from './settings.ts';

const PAGE = 200;

type Shared = Pick<Deps, 'store' | 'clock' | 'channels'> & {
  approvals: Approvals;
  settings: SettingsCase;
  due: (at_ms: number) => void;
};

/** Belongs to the transaction of the change; afterwards tell the worker that something is due. */
export function* peopleChanged(t: Tables, workspace_id: string, now_ms: number): Steps<void> {
  yield* t.jobs.add(rerouteJob(workspace_id, now_ms));
}

export function createRerouting({ store, clock, channels, approvals, settings, due }: Shared): Handler {
  return async (job) => {
    const { workspace_id } = job;
    const shown = isShown(channels.names, await settings.of(workspace_id));
    const filter = { workspace_id, statuses: ['pending', 'asked_question'] as const };
    let before: string | null = null;
    do {
      const from: string | null = before;
      const page: ApprovalPage = await store.read((t) => t.approvals.page(filter, from, PAGE));
      for (const approval of page.items) {
        if (isSimple(approval)) continue;
        const done = await approvals.act(systemOf(workspace_id), approval.id, { type: 'reroute' });
        // Nothing is missing that was not before, but others may be asked now.
        if (!isRefusal(done) || !shown) continue;
        const notice = noticeJob({ workspace_id, approval_id: approval.id, sequence: 0 }, clock.now());
        await store.tx((t) => t.jobs.add({ ...notice, id: `${notice.id}:${job.run_at_ms}` }));
      }
      before = page.next_before;
    } while (before !== null);
    if (shown) due(clock.now());
    return undefined;
  };
}
