/** What each kind of job does. Every handler starts from the stored state, so running one twice changes nothing. */
import { systemOf } from '../core/principal.ts';
import type { Approvals } from './approvals.ts';
import type { Handler, Handlers } from './job-runner.ts';

type Others = {
  approvals: Approvals;
  execute: Handler;
  deliver: Handler;
  run_over: Handler;
  reroute: Handler;
} & Record<'notify' | 'card' | 'notice' | 'inbound' | 'remind' | 'digest' | 'sign_in', Handler>;

/** Which step of an escalation a job is for. */
function stepOf({ id }: { id: string }): number {
  return Number(id.slice(id.lastIndexOf(':') + 1));
}

export function createHandlers({
  approvals,
  execute,
  deliver,
  run_over,
  reroute,
  notify,
  card,
  notice,
  inbound,
  sign_in,
  remind,
  digest,
}: Others): Handlers {
  return {
    expire: async (job) => {
      // A refusal means that somebody decided meanwhile: nothing left to do.
      await approvals.act(systemOf(job.workspace_id), job.subject_id, { type: 'expire' });
      return undefined;
    },
    escalate: async (job) => {
      const command = { type: 'escalate' as const, step: stepOf(job) };
      await approvals.act(systemOf(job.workspace_id), job.subject_id, command);
      return undefined;
    },
    reroute,
    execute,
    deliver,
    run_over,
    notify,
    card,
    notice,
    inbound,
    sign_in,
    remind,
    digest,
  };
}
