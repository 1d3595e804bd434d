/** A change of people in a workspace that may have a second admin: one that loosens waits for them, and gets them here. */
import assert from 'node:assert/strict';
import type { PendingChange } from '../../schemas/policy-change.ts';
import type { UseCases } from '../../server/app/use-cases.ts';
import { isRefusal, type Refusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import type { MemberPrincipal } from '../../server/core/principal.ts';

type Where = { cases: UseCases; store: Store; workspace_id: string };

export async function changed<T extends { text: string; pending: boolean }>(
  { cases, store, workspace_id }: Where,
  change: Promise<T | Refusal>,
): Promise<T | Refusal> {
  const done = await change;
  if (isRefusal(done) || !done.pending) return done;
  const { approval_id } = JSON.parse(done.text) as PendingChange;
  const read = () => store.read((t) => t.approvals.get(workspace_id, approval_id));
  const id = (await read())?.approval.assignees[0] ?? '';
  const other: MemberPrincipal = {
    kind: 'member',
    workspace_id,
    id,
    name: id,
    role: 'admin',
    via: 'web',
    assurance: 'session',
  };
  assert.ok(!isRefusal(await cases.approvals.act(other, approval_id, { type: 'approve' })));
  await cases.worker.runDue();
  const made = (await read())?.approval;
  assert.equal(made?.status, 'executed', made?.execution?.error ?? '');
  return done;
}
