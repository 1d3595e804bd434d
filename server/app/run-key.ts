/**
 * The Idempotency-Key of a run, whoever runs it: the server, or the one that asked.
 * INVARIANT: all attempts of one approval carry the same key; no two approvals share one.
 */
import { hash } from 'node:crypto';
import type { Approval } from '../../schemas/approval.ts';

const HEX_CHARS = 48;

/** Made from the approval, the digest of what was frozen, and what a person changed of it. */
export function runKey({ id, params_digest, decision }: Approval): string {
  const edited = decision?.modified_params ? JSON.stringify(decision.modified_params) : '';
  return `cs_${hash('sha256', [id, params_digest, edited].join('\n')).slice(0, HEX_CHARS)}`;
}
