/**
 * The right of a link to give one command.
 * INVARIANT: it is looked at and used up in the commit of the command: two presses at once are one decision.
 */
import { type Refusal, refusal } from '../core/commands.ts';
import type { MailToken } from '../core/mail-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Permit } from './approvals.ts';

/** Somebody used the link up in between: the whole transaction is undone. */
export class TokenTaken extends Error {
  override name = 'TokenTaken';
}

const OVER = 'This link was used meanwhile, or its time is over.';

/** `also` belongs to the same commit, after the command. */
export function linkPermit(link: MailToken, now_ms: number, also?: (t: Tables) => Steps<void>): Permit {
  return {
    *check(t): Steps<Refusal | null> {
      const now = yield* t.mail_tokens.find(link.hash, link.purpose);
      const good = now && now.used_at_ms === null && now.revoked_at_ms === null && now.expires_at_ms > now_ms;
      if (!good) return refusal('expired', OVER);
      const member = yield* t.people.get(link.workspace_id, link.member_id);
      return member ? null : refusal('forbidden', 'You are not a member of this workspace any more.');
    },
    *use(t): Steps<void> {
      if (!(yield* t.mail_tokens.use(link.hash, now_ms))) throw new TokenTaken(OVER);
      if (also) yield* also(t);
    },
  };
}
