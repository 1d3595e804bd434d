/**
 * What of a request can't be drawn without the parts.
 *
 * INVARIANT: what a template masks is never seen before its template is there; and what can be drawn at once looks the
 * same when the parts come later.
 */
import type { Approval } from '../schemas/approval.ts';
import { widgetFor } from './host-widgets.ts';
import { hasTemplate } from './parts.ts';
import { arePlain } from './render-facts.ts';
import type { Shown } from './view-model.ts';

/** What a schema of the request's own can ask for that only the parts know (late-rich.ts). */
const RICH = /"(sections|visibleWhen|threshold|oneOf|compareTo|href|consequences|ifDenied|headline)":/;

/** Whether drawing a request needs the parts: for a template, a value that is more than text, talk or an outcome. */
export function needsParts(approval: Approval, card: Shown, slotted: ReadonlySet<string>): boolean {
  const hosts = { slotted, widgetFor };
  return (
    hasTemplate(approval) ||
    (approval.escalation_schema !== null && RICH.test(JSON.stringify(approval.escalation_schema))) ||
    !card.status.open ||
    approval.message_count > 0 ||
    approval.quorum > 1 ||
    Boolean(approval.waiting_for ?? approval.self_approval) ||
    ![card.facts, card.request, card.context].every((facts) => arePlain(facts, hosts))
  );
}
