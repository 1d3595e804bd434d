/**
 * The built-in escalation schemas (templates), and which schema shows an approval.
 * Invariant: safe in a browser: plain JSON and a lookup, no validator. Which schemas are acceptable is escalation.ts.
 */
import codeChange from './templates/code_change.json' with { type: 'json' };
import contentPublishing from './templates/content_publishing.json' with { type: 'json' };
import credentialGrant from './templates/credential_grant.json' with { type: 'json' };
import dataAccess from './templates/data_access.json' with { type: 'json' };
import deployment from './templates/deployment.json' with { type: 'json' };
import destructiveAction from './templates/destructive_action.json' with { type: 'json' };
import financial from './templates/financial.json' with { type: 'json' };
import goal from './templates/goal.json' with { type: 'json' };
import handoff from './templates/handoff.json' with { type: 'json' };
import identityLegal from './templates/identity_legal.json' with { type: 'json' };
import infrastructureChange from './templates/infrastructure_change.json' with { type: 'json' };
import message from './templates/message.json' with { type: 'json' };
import policyException from './templates/policy_exception.json' with { type: 'json' };
import purchase from './templates/purchase.json' with { type: 'json' };
import toolCall from './templates/tool_call.json' with { type: 'json' };
import vendorContract from './templates/vendor_contract.json' with { type: 'json' };

export type EscalationSchema = Record<string, unknown>;

/** The template for a `type` that has none of its own. */
export const DEFAULT_TYPE = 'tool_call';

export const TEMPLATES: Readonly<Record<string, EscalationSchema>> = {
  code_change: codeChange,
  content_publishing: contentPublishing,
  credential_grant: credentialGrant,
  data_access: dataAccess,
  deployment,
  destructive_action: destructiveAction,
  financial,
  goal,
  handoff,
  identity_legal: identityLegal,
  infrastructure_change: infrastructureChange,
  message,
  policy_exception: policyException,
  purchase,
  tool_call: toolCall,
  vendor_contract: vendorContract,
};

/** The schema that shows an approval: its own, else its type's template, else the default template. */
export function schemaFor(type: string, own: EscalationSchema | null): EscalationSchema {
  if (own) return own;
  return (Object.hasOwn(TEMPLATES, type) ? TEMPLATES[type] : undefined) ?? toolCall;
}
