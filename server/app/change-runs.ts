/**
 * Making a change of the policy that another admin approved.
 *
 * INVARIANT: an approved change is made in the commit that says so on the record: once, whatever crashes; and only if what
 * it changes is still as it was when it was asked for, by somebody who is still an admin.
 */
import { hash } from 'node:crypto';
import type { Approval } from '../../schemas/approval.ts';
import { checkChain } from '../core/audit.ts';
import { type Command, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { isRecord, sameJson } from '../core/json-value.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { systemOf } from '../core/principal.ts';
import type { Approvals, Permit } from './approvals.ts';
import type { ChangeKind, Changes, Making, Waiting } from './changes.ts';
import type { Deps } from './deps.ts';
import type { Handler } from './job-runner.ts';

const MOST_EVENTS = 1_000;

/** It can't be made as it was approved; nothing of it was. */
class NotMade extends Error {
  override name = 'NotMade';
}

const MOVED = 'What it changes has changed since it was asked for, so nothing was done. Ask for it again.';

type Shared = Pick<Deps, 'store' | 'clock'> & { approvals: Approvals; changes: Changes };

/** The job of an approval that this program asked for itself; `otherwise` does every other. */
export function createChangeRuns(shared: Shared, otherwise: Handler): Handler {
  return async (job) => {
    const found = await shared.store.read((t) => waitingOf(t, job.workspace_id, job.subject_id));
    if (!found) return otherwise(job);
    await run(shared, found);
    return undefined;
  };
}

/** INVARIANT: a run may begin again after a crash, since nothing is made before the commit that ends it. */
async function run({ clock, approvals, changes }: Shared, { approval, waiting }: Found): Promise<void> {
  const { workspace_id, id, execution } = approval;
  const act = (command: Command, permit?: Permit) =>
    approvals.act(systemOf(workspace_id), id, command, null, permit);
  const fail = (error: string) => act({ type: 'finish_execution', outcome: 'failed', error });
  if (execution?.state === 'ready') {
    const started = await act({ type: 'start_execution' });
    if (isRefusal(started) || started.approval.execution?.state !== 'running') return;
  } else if (execution?.state !== 'running') return;
  const kind = waiting && changes.kindOf(waiting.kind);
  if (!kind || approval.status !== 'approved') {
    await fail('The record of this approval was changed, or nobody knows how to make it; nothing was done.');
    return;
  }
  const making = { workspace_id, by: approval.requested_by, now_ms: clock.now() };
  const result = { loosens: approval.params['loosens'] };
  try {
    const done = await act(
      { type: 'finish_execution', outcome: 'executed', result },
      permitOf(kind, waiting, making),
    );
    if (isRefusal(done)) await fail(done.detail);
    else kind.made(workspace_id);
  } catch (error) {
    if (!(error instanceof NotMade)) throw error;
    await fail(error.message);
  }
}

/** Makes the change in the commit of the fact that it was made. */
function permitOf(kind: ChangeKind<unknown>, waiting: Waiting, making: Making): Permit {
  return {
    check: (t) => stillFits(t, kind, waiting, making),
    *use(t) {
      const made = yield* kind.write(t, waiting.args, making);
      if (isRefusal(made)) throw new NotMade(made.detail);
    },
  };
}

type Found = { approval: Approval; waiting: Waiting | null };

/** An approval of this program's own and what waits in it: null for the latter where the record is not whole. */
function* waitingOf(t: Tables, workspace_id: string, id: string): Steps<Found | null> {
  const stored = yield* t.approvals.get(workspace_id, id);
  if (stored?.approval.runner !== 'server' || stored.approval.request !== null) return null;
  const { approval, frozen, head_hash } = stored;
  const chain = checkChain(yield* t.events.ofApproval(id, 0, MOST_EVENTS));
  const whole = chain.valid && chain.head === head_hash && hash('sha256', frozen) === approval.params_digest;
  const waiting: unknown = whole ? JSON.parse(frozen) : null;
  return { approval, waiting: isWaiting(waiting) ? waiting : null };
}

function isWaiting(value: unknown): value is Waiting {
  return isRecord(value) && typeof value['kind'] === 'string' && 'args' in value && 'base' in value;
}

/** Null where it may still be made: by an admin, on what it was asked for. */
function* stillFits(
  t: Tables,
  kind: ChangeKind<unknown>,
  { args, base }: Waiting,
  making: Making,
): Steps<Refusal | null> {
  yield* t.workspaces.lock(making.workspace_id);
  const asker = yield* t.people.get(making.workspace_id, making.by.id);
  if (asker?.role !== 'admin')
    return refusal(
      'conflict',
      `${making.by.name}, who asked for it, is no admin any more; nothing was done.`,
    );
  const now = yield* kind.read(t, args, making);
  if (isRefusal(now)) return now;
  return sameJson(now, base) ? null : refusal('conflict', MOVED);
}
