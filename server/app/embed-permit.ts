/**
 * The one decision of an embed token.
 * INVARIANT: it is looked at and used up in the commit of the decision: of two with one token at once, one counts.
 */
import { type CommandType, refusal, type Refusal } from '../core/commands.ts';
import { isDecision } from '../core/permission.ts';
import type { Steps } from '../core/ports.ts';
import { embeddedOf, type Principal } from '../core/principal.ts';
import type { Permit } from './approvals.ts';

/** Kept until no token can be that old any more, whatever the clocks say. */
export const KEEP_ENDS_MS = 3_600_000;

const SPENT = refusal(
  'unauthorized',
  'This embed token has made its one decision, or was revoked. Get a new one for the next.',
);

/** Another decision by the same token was committed first: the whole transaction is undone. */
export class DecidedBefore extends Error {
  override name = 'DecidedBefore';
  readonly refusal: Refusal = SPENT;
}

/** The permit for a command that decides by a token; undefined for anything else. */
export function decidingOnce(principal: Principal, command: CommandType, now_ms: number): Permit | undefined {
  const token = embeddedOf(principal);
  if (!token || !isDecision(command)) return undefined;
  const { workspace_id } = principal;
  return {
    *check(t): Steps<Refusal | null> {
      const ends = yield* t.embed_tokens.ends(workspace_id, token.token_id);
      return ends.length === 0 && token.expires_at_ms > now_ms ? null : SPENT;
    },
    *use(t): Steps<void> {
      const keep_until_ms = token.expires_at_ms + KEEP_ENDS_MS;
      if (!(yield* t.embed_tokens.end(workspace_id, token.token_id, 'decided', keep_until_ms))) {
        throw new DecidedBefore();
      }
    },
  };
}
