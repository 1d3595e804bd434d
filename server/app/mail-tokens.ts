/**
 * What a mail's links and addresses stand for: opaque tokens, of which only hashes are stored.
 *
 * INVARIANT: a token stands for one purpose, one member, one address and one version of one approval.
 * Left out: what a token may do (review-links.ts, inbound-mail.ts), and mails (bot/email).
 */
import { hash } from 'node:crypto';
import type { Approval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import type { Address, MailLinks } from '../core/channel-ports.ts';
import type { MailToken, TokenPurpose } from '../core/mail-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Deps } from './deps.ts';

export type MailTokens = {
  /** New tokens for one mail; null when no member of the workspace has the address. */
  links(to: Address, approval: Approval): Promise<MailLinks | null>;
  /** What a token stands for, used or not; null when there is none of this purpose. */
  find(purpose: TokenPurpose, token: string): Promise<MailToken | null>;
};

const TOKEN_BYTES = 32;
const HOUR_MS = 3_600_000;
/** A link decides for at most this long, however long the approval lives (spec.md section 7). */
const REVIEW_MS = 72 * HOUR_MS;
/** Replies, bounces and opting out still come in when the approval is long over. */
const LATER_MS: Readonly<Record<Exclude<TokenPurpose, 'review'>, number>> = {
  not_me: REVIEW_MS,
  reply: 30 * 24 * HOUR_MS,
  bounce: 14 * 24 * HOUR_MS,
  mute: 90 * 24 * HOUR_MS,
};

/** 43 characters of 36: about 220 bits are left of the 256. */
const IN_ADDRESSES: readonly TokenPurpose[] = ['reply', 'bounce'];

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'public_url'>;

export function createMailTokens({ store, clock, ids, public_url }: Shared): MailTokens {
  const minted = (purpose: TokenPurpose, member_id: string, sent_to: string, approval: Approval) => {
    const secret = ids.secret(TOKEN_BYTES);
    // Mail systems may change the case of an address.
    const token = IN_ADDRESSES.includes(purpose) ? secret.toLowerCase() : secret;
    const now = clock.now();
    const expires_at_ms =
      purpose === 'review'
        ? Math.min(Date.parse(approval.expires_at), now + REVIEW_MS)
        : now + LATER_MS[purpose];
    const row: MailToken = {
      hash: hashOf(token),
      purpose,
      workspace_id: approval.workspace_id,
      member_id,
      approval_id: approval.id,
      version: approval.version,
      sent_to,
      created_at_ms: now,
      expires_at_ms,
      used_at_ms: null,
      revoked_at_ms: null,
    };
    return { token, row };
  };
  return {
    links: async (to, approval) => {
      const member = await store.read((t) => ownerOf(t, to, approval));
      if (!member) return null;
      const mint = (purpose: TokenPurpose) => minted(purpose, member.id, to.to, approval);
      const made = {
        review: mint('review'),
        not_me: mint('not_me'),
        mute: mint('mute'),
        reply: mint('reply'),
        bounce: mint('bounce'),
      };
      await store.tx(function* (t) {
        for (const { row } of Object.values(made)) yield* t.mail_tokens.insert(row);
      });
      return {
        member: { id: member.id, name: member.name },
        review_url: `${public_url}/r/${made.review.token}`,
        not_me_url: `${public_url}/not-me/${made.not_me.token}`,
        mute_url: `${public_url}/mail/mute/${made.mute.token}`,
        reply: made.reply.token,
        bounce: made.bounce.token,
      };
    },
    find: (purpose, token) => store.read((t) => t.mail_tokens.find(hashOf(token), purpose)),
  };
}

/** SHA-256 of a token, as it is stored. */
export function hashOf(token: string): string {
  return hash('sha256', token);
}

/** Whose address this is: one of the assignees before anybody else. */
function* ownerOf(t: Tables, { workspace_id, to }: Address, approval: Approval): Steps<Member | null> {
  const here = yield* t.people.withEmail(workspace_id, to);
  const named = [...approval.assignees, approval.delegated_to];
  return here.find(({ id }) => named.includes(id)) ?? here[0] ?? null;
}
