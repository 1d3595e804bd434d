/**
 * What may be said of an approval where its contents must not leave the server: no parameter and no word of the agent.
 * INVARIANT: nothing in it depends on `params`, `context`, the request or any text of the agent but its name.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import { schemaFor } from '../../schemas/templates.ts';
import { visible } from './card-text.ts';

/** True where the workspace keeps what is asked out of mails: all of them, or those of its data's classification. */
export function isMinimal(
  { data_classification }: Pick<Approval, 'data_classification'>,
  { mail_minimal, mail_minimal_all }: Pick<Settings, 'mail_minimal' | 'mail_minimal_all'>,
): boolean {
  if (mail_minimal_all) return true;
  const own = data_classification?.trim().toLowerCase();
  return own !== undefined && mail_minimal.some((listed) => listed.trim().toLowerCase() === own);
}

/** What an approval is called in a notice by mail: in the agent's words, or without them where they may not leave. */
export function calledInMail(approval: Approval, settings: Settings): string {
  return isMinimal(approval, settings) ? minimalQuestion(approval) : approval.action_summary;
}

/** In the place of the question: what kind of thing is asked, and by whom. */
export function minimalQuestion(approval: Approval): string {
  const asks = visible(approval.agent_name ?? approval.agent_id ?? approval.requested_by.name);
  // A schema of the agent's own has a title in the agent's words.
  const { title } = approval.escalation_schema === null ? schemaFor(approval.type, null) : {};
  const kind = typeof title === 'string' ? title : 'Request';
  return `${kind} asked by ${asks.replaceAll(/\s+/g, ' ').slice(0, 80)}`;
}
