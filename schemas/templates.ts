/**
 * The built-in escalation schemas (templates), and which schema shows an approval.
 * Invariant: safe in a browser: plain JSON and a lookup, no validator. Which schemas are acceptable is escalation.ts.
 */
import deployment from './templates/deployment.json' with { type: 'json' };
import financial from './templates/financial.json' with { type: 'json' };
import toolCall from './templates/tool_call.json' with { type: 'json' };

export type EscalationSchema = Record<string, unknown>;

/** The template for a `type` that has none of its own. */
export const DEFAULT_TYPE = 'tool_call';

export const TEMPLATES: Readonly<Record<string, EscalationSchema>> = {
  deployment,
  financial,
  tool_call: toolCall,
};

/** The schema that shows an approval: its own, else its type's template, else the default template. */
export function schemaFor(type: string, own: EscalationSchema | null): EscalationSchema {
  if (own) return own;
  return (Object.hasOwn(TEMPLATES, type) ? TEMPLATES[type] : undefined) ?? toolCall;
}
