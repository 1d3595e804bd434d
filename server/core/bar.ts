/**
 * What edits have to meet: the bar of an approval as the settings are when somebody edits.
 * Invariant: the bar only rises; votes for edits that were given below it are void (decide-verdict.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Command } from './commands.ts';
import { riskOf } from './risk.ts';

/** The members of an approval that rise. */
export type Bar = Partial<Pick<Approval, 'risk_level' | 'quorum'>>;

/** What rises by deciding on edits now; null where nothing does, or nothing is edited. */
export function raisedBar(state: Approval, command: Command, settings: Settings): Bar | null {
  if (!isOnEdits(state, command)) return null;
  const risk_level = riskOf(state.risk_level, state.action_type, settings);
  return risk_level === state.risk_level ? null : { risk_level };
}

/** True for an approval with edits, of one's own or those that others have approved before. */
export function isOnEdits({ votes }: Approval, { type }: Command): boolean {
  if (type === 'approve_with_edits') return true;
  const [standing] = votes;
  return (
    type === 'approve' &&
    standing !== undefined &&
    (standing.modified_params ?? standing.modified_cost) !== null
  );
}
