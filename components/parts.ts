/**
 * Gets the parts that stand in a file of their own, once for all elements of a page and only when something needs them,
 * and says which schema shows an approval: the templates are among them.
 *
 * INVARIANT: without the parts everything can be read, approved and denied, and what a template masks is masked all the
 * same.
 */
import type { Approval } from '../schemas/approval.ts';

type Parts = typeof import('./human-approval-parts.ts');
type Schema = Record<string, unknown>;

/** The parts, once they are there. */
export let parts: Parts | null = null;

let coming: Promise<boolean> | null = null;

/** Gets them; false where they can't be had. Tried once, because browsers keep a failed import as it is. */
export function loadParts(): Promise<boolean> {
  coming ??= load().catch(() => false);
  return coming;
}

async function load(): Promise<boolean> {
  parts = await import('./human-approval-parts.ts');
  return true;
}

/** Longer than this nobody waits for them: what there is to read is drawn plainly, and anew when they come. */
const PATIENCE_MS = 5_000;
let tried: Promise<unknown> | null = null;
let over = false;

/** Until the first try is over: the parts are there, or can't be had, or take too long. Null from then on. */
export function partsTried(): Promise<unknown> | null {
  const patience = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  tried ??= Promise.race([loadParts(), patience()]).then(() => (over = true));
  return over || parts ? null : tried;
}

/** The type without a template of its own; what its template says is here too (a test holds that). */
const DEFAULT_TYPE = 'tool_call';
export const DEFAULT: Schema = { 'x-ui': { editable: true } };

const masked = { 'x-ui': { sensitive: true } };
/** In place of every other template: their masked values, and the editable ones of a plain tool call. */
export const PLAIN: Schema = {
  ...DEFAULT,
  properties: { secret: masked, subject: { properties: { tax_id: masked } } },
};

type Typed = Pick<Approval, 'type' | 'escalation_schema'>;

/** Whether the schema that shows an approval is among the parts. */
export function hasTemplate({ type, escalation_schema }: Typed): boolean {
  return !escalation_schema && type !== DEFAULT_TYPE;
}

/** The schema that shows an approval: its own, else its template. */
export function schemaOf(approval: Typed): Schema {
  const { type, escalation_schema } = approval;
  return escalation_schema ?? parts?.schemaFor(type, null) ?? (hasTemplate(approval) ? PLAIN : DEFAULT);
}
