/**
 * Two realistic requests for every template: what tests, screenshots and the documentation show.
 * Invariant: left out of every bundle; nothing that runs for a user imports this file.
 */
import codeChange from './examples/code_change.json' with { type: 'json' };
import contentPublishing from './examples/content_publishing.json' with { type: 'json' };
import credentialGrant from './examples/credential_grant.json' with { type: 'json' };
import dataAccess from './examples/data_access.json' with { type: 'json' };
import deployment from './examples/deployment.json' with { type: 'json' };
import destructiveAction from './examples/destructive_action.json' with { type: 'json' };
import financial from './examples/financial.json' with { type: 'json' };
import goal from './examples/goal.json' with { type: 'json' };
import handoff from './examples/handoff.json' with { type: 'json' };
import identityLegal from './examples/identity_legal.json' with { type: 'json' };
import infrastructureChange from './examples/infrastructure_change.json' with { type: 'json' };
import message from './examples/message.json' with { type: 'json' };
import policyException from './examples/policy_exception.json' with { type: 'json' };
import purchase from './examples/purchase.json' with { type: 'json' };
import toolCall from './examples/tool_call.json' with { type: 'json' };
import vendorContract from './examples/vendor_contract.json' with { type: 'json' };

type Example = { type: string; action_type: string; action_summary: string; params: Record<string, unknown> };

/** By template: bodies of `POST /v1/approvals`, a telling one first and a plain one second. */
export const EXAMPLES: Readonly<Record<string, readonly Example[]>> = {
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
