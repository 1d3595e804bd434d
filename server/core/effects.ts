/**
 * What has to be done after an event, as jobs. A job's id is made from what it is for, so that the same job is
 * never queued twice.
 * Left out: doing it (the worker), and channels (posts.ts) and webhooks (webhook-message.ts), which record adds.
 */
import type { Approval } from '../../schemas/approval.ts';
import { isOpen } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Happened } from './commands.ts';
import { runUntil } from './decide-execution.ts';

export const JOB_KINDS = [
  'expire',
  'escalate',
  'reroute',
  'execute',
  'run_over',
  'deliver',
  'notify',
  'card',
  'notice',
  'inbound',
  'sign_in',
  'remind',
  'digest',
] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export type NewJob = {
  id: string;
  kind: JobKind;
  /** What the job may have to wait for; a slow target holds up its own lane only. */
  lane: string;
  workspace_id: string;
  subject_id: string;
  run_at_ms: number;
};
export type Effects = { add: NewJob[]; drop: string[] };

/** The jobs that an event adds and drops; `approval` is the state after it. */
export function effectsOf(event: Happened, approval: Approval, settings: Settings): Effects {
  const effects: Effects = { add: [], drop: [] };
  if (event.type === 'approval.requested')
    effects.add.push(job('expire', approval, Date.parse(approval.expires_at)));
  else if (!isOpen(approval.status)) effects.drop.push(jobId('expire', approval.id));
  addSteps(effects, event, approval);
  if (approval.runner === 'asker') effects.add.push(...limitOf(approval, settings));
  else if (approval.execution?.state === 'ready') {
    effects.add.push(job('execute', approval, Date.parse(event.at)));
  }
  return effects;
}

/** Each step of an escalation is a job of its own, which ends with the approval. */
function addSteps({ add, drop }: Effects, event: Happened, approval: Approval): void {
  for (const [n, { at, done }] of approval.escalation.entries()) {
    const step = job('escalate', approval, Date.parse(at));
    const id = `${step.id}:${n}`;
    if (event.type === 'approval.requested') add.push({ ...step, id });
    else if (!done && !isOpen(approval.status)) drop.push(id);
  }
}

/** Looks at every open approval of a workspace again, since its people or groups changed. */
export function rerouteJob(workspace_id: string, run_at_ms: number): NewJob {
  const id = `reroute:${workspace_id}:${run_at_ms}`;
  return { id, kind: 'reroute', lane: 'reroute', workspace_id, subject_id: workspace_id, run_at_ms };
}

/** What the asker runs has two limits: until when it may be claimed, and until when a claim may report. */
function limitOf(approval: Approval, settings: Settings): NewJob[] {
  const { execution } = approval;
  if (execution?.state === 'ready') return [job('run_over', approval, runUntil(approval, settings))];
  if (execution?.state !== 'running' || execution.lease_until === undefined) return [];
  const limit = job('run_over', approval, Date.parse(execution.lease_until));
  return [{ ...limit, id: `${limit.id}:${execution.attempts}` }];
}

function job(kind: JobKind, approval: Approval, run_at_ms: number): NewJob {
  const { workspace_id, id } = approval;
  const lane = kind === 'execute' ? `run:${hostOf(approval)}` : kind;
  return { id: jobId(kind, id), kind, lane, workspace_id, subject_id: id, run_at_ms };
}

function jobId(kind: JobKind, subject_id: string): string {
  return `${kind}:${subject_id}`;
}

/** The host and port that a run goes to. */
function hostOf({ request }: Approval): string {
  return (request && URL.parse(request.url)?.host) || 'none';
}
