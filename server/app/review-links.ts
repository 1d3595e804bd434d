/**
 * Deciding by a link from a mail: what a link is for, what it may do now, and doing it.
 *
 * INVARIANT: a link decides once, for one member, on one version, and is used up in the commit of what it did.
 * INVARIANT: looking changes nothing. INVARIANT: approving needs what the workspace asks for this risk; denying and
 * asking never need more than the link.
 * Left out: pages, cookies and nonces (server/http/review-page.ts); the mail that carries the link (bot/email).
 */
import type { Message } from '../../schemas/message.ts';
import { type Command, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { MailToken } from '../core/mail-tables.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import type { Done } from './approvals.ts';
import { readLink } from './link-state.ts';
import { linkPermit, TokenTaken } from './link-permit.ts';
import { calledInMail } from '../core/minimal.ts';
import type { Look, ReviewDeps } from './review-look.ts';
import { createStepUp, type StepUp } from './step-up.ts';

/** What a person says by a link. */
export type Saying =
  | { choice: 'approve'; reason: string | null }
  | { choice: 'approve_with_edits'; edits: Record<string, unknown>; reason: string | null }
  | { choice: 'deny'; reason: string }
  | { choice: 'ask'; question: string };

/** `session`: who is signed in in this browser, if anybody. */
type Signed = MemberPrincipal | null;

export type ReviewLinks = StepUp & {
  /** Null for a token that was never made. */
  look(token: string, session: Signed): Promise<Look | null>;
  /** Refuses what the link or the member may not do, and what the kernel refuses; `expired` for a link that is over. */
  decide(token: string, session: Signed, saying: Saying): Promise<Done | Message | Refusal>;
  /** Sends a link for the newest version to the address on record; never shows one. */
  sendLink(token: string): Promise<null | Refusal>;
};

/** A fresh link is of use for as long as it decides; the mail is given up earlier. */
const LINK_MAIL_MS = 3_600_000;

export function createReviewLinks(deps: ReviewDeps): ReviewLinks {
  const { mail_tokens, settings } = deps;
  const look = async (token: string, session: Signed): Promise<Look | null> => {
    const link = await mail_tokens.find('review', token);
    if (!link) return null;
    const limits = await settings.of(link.workspace_id);
    return readLink(deps, link, session, limits);
  };
  return {
    look,
    decide: async (token, session, saying) => {
      const seen = await look(token, session);
      if (!seen) return refusal('not_found', 'There is no such link.');
      if (seen.stage !== 'open' || !seen.person) return overRefusal(seen);
      const approves = saying.choice === 'approve' || saying.choice === 'approve_with_edits';
      if (approves && seen.approving.may !== 'yes') return refusal('forbidden', seen.approving.why);
      return act(deps, seen, seen.person, saying);
    },
    sendLink: async (token) => {
      const seen = await look(token, null);
      if (!seen) return refusal('not_found', 'There is no such link.');
      if (seen.stage !== 'older' && seen.stage !== 'used' && seen.stage !== 'expired')
        return overRefusal(seen);
      return mailLink(deps, seen);
    },
    ...createStepUp(deps, look),
  };
}

function overRefusal({ stage, why }: Look): Refusal {
  return refusal(
    stage === 'not_eligible' ? 'forbidden' : 'expired',
    why ?? 'This link can’t decide any more.',
  );
}

async function act(
  deps: ReviewDeps,
  { link, approval }: Look,
  person: MemberPrincipal,
  saying: Saying,
): Promise<Done | Message | Refusal> {
  const permit = linkPermit(link, deps.clock.now());
  try {
    if (saying.choice === 'ask') {
      const said = { content: saying.question };
      const sent = await deps.conversation.send(person, approval.id, said, null, undefined, permit);
      return isRefusal(sent) ? sent : sent.message;
    }
    return await deps.approvals.act(person, approval.id, commandOf(saying, link), null, permit);
  } catch (error) {
    if (error instanceof TokenTaken) return refusal('expired', error.message);
    throw error;
  }
}

function commandOf(saying: Exclude<Saying, { choice: 'ask' }>, { version }: MailToken): Command {
  const shown = { reason: saying.reason, version: version ?? undefined };
  return saying.choice === 'approve_with_edits'
    ? { type: 'approve_with_edits', edits: saying.edits, ...shown }
    : { type: saying.choice, ...shown };
}

async function mailLink(
  { store, mail_tokens, notices, clock, due, settings }: ReviewDeps,
  { link, approval, person }: Look,
): Promise<null | Refusal> {
  const to = { workspace_id: link.workspace_id, channel: 'email' as const, to: link.sent_to };
  const links = await mail_tokens.links(to, approval);
  // Somebody else has the address by now: what was Alice's is not sent to Bob.
  if (!links || links.member.id !== person?.id) {
    return refusal('forbidden', 'This address is not yours any more here; ask an admin.');
  }
  const limits = await settings.of(link.workspace_id);
  await store.tx((t) =>
    notices.add(
      t,
      to,
      {
        kind: 'link',
        name: person.name,
        question: calledInMail(approval, limits),
        risk: approval.risk_level,
        url: links.review_url,
        why: 'You asked for a new link, since yours was over.',
      },
      LINK_MAIL_MS,
    ),
  );
  due(clock.now());
  return null;
}
