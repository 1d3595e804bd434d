/**
 * What each kind of job does. Every handler starts from the stored state, so running one twice changes nothing.
 * INVARIANT: what may have run is never run again by itself: a run found half done becomes `unknown`.
 */
import { isRefusal } from '../core/commands.ts';
import type { Job } from '../core/ports.ts';
import { systemOf } from '../core/principal.ts';
import type { Approvals } from './approvals.ts';
import { createRunOver } from './claims.ts';
import type { Deps } from './deps.ts';
import type { Handlers } from './worker.ts';

export function createHandlers(
  deps: Pick<Deps, 'store' | 'clock' | 'executor'> & { approvals: Approvals },
): Handlers {
  const { store, executor, approvals } = deps;

  return {
    run_over: createRunOver(deps),
    expire: async (job) => {
      // A refusal means that somebody decided meanwhile: nothing left to do.
      await approvals.act(systemOf(job.workspace_id), job.subject_id, { type: 'expire' });
    },
    execute: async (job) => {
      if (!executor) throw new Error('this server has no executor');
      const stored = await store.read((t) => t.approvals.get(job.workspace_id, job.subject_id));
      if (!stored) return;
      const system = systemOf(job.workspace_id);
      if (stored.approval.execution?.state === 'running') {
        const error = 'the server stopped while this was running; it may or may not have run';
        await approvals.act(system, job.subject_id, { type: 'lose_execution', error });
        return;
      }
      const started = await approvals.act(system, job.subject_id, { type: 'start_execution' });
      if (isRefusal(started)) return;
      const outcome = await executor.run(started.approval, stored.frozen);
      await record(approvals, job, outcome);
    },
  };
}

async function record(
  approvals: Approvals,
  job: Job,
  outcome: Awaited<ReturnType<NonNullable<Deps['executor']>['run']>>,
): Promise<void> {
  const system = systemOf(job.workspace_id);
  switch (outcome.outcome) {
    case 'executed':
      await approvals.act(system, job.subject_id, {
        type: 'finish_execution',
        outcome: 'executed',
        result: outcome.result,
      });
      return;
    case 'failed':
      await approvals.act(system, job.subject_id, {
        type: 'finish_execution',
        outcome: 'failed',
        error: outcome.error,
      });
      return;
    case 'lost':
      await approvals.act(system, job.subject_id, { type: 'lose_execution', error: outcome.error });
      return;
    default:
      return outcome satisfies never;
  }
}
