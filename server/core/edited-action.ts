/**
 * The action that an approval with edits would let through, as rules see it.
 * Left out: whether the edits are allowed (edits.ts), which the kernel says.
 */
import type { Approval } from '../../schemas/approval.ts';
import { isOnEdits, raisedBar } from './bar.ts';
import type { Command } from './commands.ts';
import { applyEdits } from './edits.ts';
import type { RuleAction, Stated } from './rule-match.ts';
import type { Settings } from '../../schemas/settings.ts';

/** Null where nothing is edited, or the edits are refused anyway. */
export function editedAction(
  state: Approval,
  command: Command,
  stated: readonly Stated[],
  settings: Settings,
): RuleAction | null {
  if (!isOnEdits(state, command)) return null;
  const edits = editsOf(state, command);
  if (!edits) return null;
  const { modified_params, modified_cost } = edits;
  return {
    ...state,
    ...raisedBar(state, command, settings),
    ...(modified_params ? { params: modified_params } : {}),
    cost: modified_cost ? { ...state.cost, ...modified_cost } : state.cost,
    stated: modified_params ? [...stated, 'params'] : stated,
  };
}

function editsOf(
  state: Approval,
  command: Command,
): Pick<Approval['votes'][number], 'modified_params' | 'modified_cost'> | null {
  if (command.type !== 'approve_with_edits') return state.votes[0] ?? null;
  const edited = applyEdits(state, command.edits);
  return edited.ok ? edited : null;
}
