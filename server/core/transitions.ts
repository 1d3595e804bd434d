/**
 * Which command is possible in which status, as data. The kernel, the state diagram in the documentation and
 * the exhaustive test read the same table.
 * INVARIANT: final statuses take no command; nothing that was decided becomes open again.
 * `disown` is a remark: it is possible in every status, and changes none that is final.
 */
import type { Status } from '../../schemas/approval.ts';
import type { CommandType } from './commands.ts';

const OPEN: readonly CommandType[] = [
  'approve',
  'approve_with_edits',
  'deny',
  'delegate',
  'override',
  'take_over',
  'ask',
  'answer_from_context',
  'answer',
  'cancel',
  'expire',
];
const RUNNING: readonly CommandType[] = [
  'start_execution',
  'finish_execution',
  'defer_execution',
  'lose_execution',
];
const NOTHING: readonly CommandType[] = [];

export const TRANSITIONS: Readonly<Record<Status, readonly CommandType[]>> = {
  pending: [...OPEN, 'answer_by_policy'],
  asked_question: OPEN,
  approved: RUNNING,
  approved_with_edits: RUNNING,
  denied: NOTHING,
  overridden: NOTHING,
  taken_over: NOTHING,
  expired: NOTHING,
  cancelled: NOTHING,
  executed: NOTHING,
  failed: NOTHING,
  unknown: ['settle'],
};

/** True when a command is possible in a status, whoever gives it. */
export function isPossible(status: Status, command: CommandType): boolean {
  return command === 'disown' || TRANSITIONS[status].includes(command);
}
