/**
 * What a mail that came in does: a reply becomes a question, a bounce a failure, and everything else nothing.
 *
 * INVARIANT: a mail never decides anything; what sounds like a decision is a question, and its writer is told once.
 * INVARIANT: words count only with the token that was mailed to their sender, from that sender's address.
 * INVARIANT: one mail is one question, however often and by however many ways it comes in.
 * Left out: reading MIME, and how mails come in (bot/email). Whether the sending domain vouches for the sender (DMARC, in
 * Authentication-Results of an own MTA) is not looked at: `refusalOf` is where it would stand.
 */
import { hash } from 'node:crypto';
import { type Approval, isOpen } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import type { ChannelDoor, InboundOutcome, MailIn, Notice, Posted } from '../core/channel-ports.ts';
import { viaWord } from '../core/card-outcome.ts';
import { visible } from '../core/card-text.ts';
import { isRefusal } from '../core/commands.ts';
import { type InboundMail, isSameMailbox, masked, soundsLikeVerdict } from '../core/inbound-mail.ts';
import type { MailToken } from '../core/mail-tables.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { calledInMail } from '../core/minimal.ts';
import type { Deps } from './deps.ts';
import { hashOf, type MailTokens } from './mail-tokens.ts';
import type { Mailboxes } from './mailboxes.ts';
import type { Notices } from './notices.ts';
import type { SettingsCase } from './settings.ts';

export type InboundMails = MailIn & {
  /** How many mails ended how, since this process started. */
  counts(): Readonly<Record<string, number>>;
};

const HOUR_MS = 3_600_000;
/** More in an hour is a machine that says it is none. */
const MAX_PER_HOUR = 20;
/** As long as a reply address works. */
const TOLD_MS = 30 * 24 * HOUR_MS;
const NOTICE_MS = 24 * HOUR_MS;
/** A report may name many recipients, and a mail many addresses. */
const MAX_TOKENS = 5;
const MAX_NAMED = 10;

type Shared = Pick<Deps, 'store' | 'clock' | 'log'> & {
  door: ChannelDoor;
  mail_tokens: MailTokens;
  mailboxes: Mailboxes;
  notices: Notices;
  settings: SettingsCase;
  due: (at_ms: number) => void;
};
/** A reply of somebody whom we wrote to. */
type Reply = { mail: InboundMail; token: MailToken; member: Member };

export function createInboundMail(shared: Shared): InboundMails {
  const counts: Record<string, number> = {};
  const counted = (outcome: InboundOutcome): InboundOutcome => {
    counts[outcome] = (counts[outcome] ?? 0) + 1;
    return outcome;
  };
  return {
    note: (outcome) => void counted(outcome),
    refusalOf: async (mail) => {
      const found = isReport(mail) ? await bounced(shared, mail) : await replied(shared, mail);
      if (typeof found !== 'string') return null;
      const from = mail.from === null ? null : masked(mail.from);
      shared.log.info({ reason: found, from }, 'a mail that came in does nothing');
      return counted(found);
    },
    take: async (mail, key) => {
      if (isReport(mail)) return counted(await takeReport(shared, mail));
      const reply = await replied(shared, mail);
      return counted(typeof reply === 'string' ? reply : await takeReply(shared, reply, key));
    },
    lost: async (mail) => {
      const reply = isReport(mail) ? 'report' : await replied(shared, mail);
      if (typeof reply === 'string') return;
      const approval = await approvalOf(shared, reply.token);
      if (approval) await tell(shared, reply, approval, 'lost', LOST);
    },
    counts: () => counts,
  };
}

/** A mail to a bounce address that is a report; an answer of a machine to such an address is none. */
function isReport({ bounce_tokens, marks }: InboundMail): boolean {
  return bounce_tokens.length > 0 && marks.includes('report') && !marks.includes('own_mail');
}

/** The token that a report belongs to, or why it belongs to none. */
async function bounced(
  { mail_tokens, clock }: Shared,
  { bounce_tokens }: InboundMail,
): Promise<MailToken | InboundOutcome> {
  for (const one of bounce_tokens.slice(0, MAX_TOKENS)) {
    const token = await mail_tokens.find('bounce', one);
    if (token) return token.expires_at_ms <= clock.now() ? 'old_token' : token;
  }
  return 'unknown_token';
}

async function takeReport(shared: Shared, mail: InboundMail): Promise<InboundOutcome> {
  const token = await bounced(shared, mail);
  if (typeof token === 'string') return token;
  const failing = mail.reports.find(({ action }) => action === 'failed');
  const report = failing ?? mail.reports.find(({ action }) => action === 'delayed');
  if (!report && mail.reports.length > 0) return 'delivered';
  // A report without a part for machines is written for people: all it says for sure is that the mail came back.
  const status = failing || !report ? (failing?.status ?? null) : '4.0.0';
  await shared.mailboxes.fail({
    workspace_id: token.workspace_id,
    address: token.sent_to,
    approval_id: token.approval_id,
    status,
    reason: visible(report?.diagnostic ?? report?.status ?? 'the mail came back'),
  });
  return failing || !report ? 'bounce' : 'delayed';
}

/** Who replies to what, or why it is nobody's question. */
async function replied(shared: Shared, mail: InboundMail): Promise<Reply | InboundOutcome> {
  const [mark] = mail.marks;
  if (mark) return mark;
  const [first] = mail.reply_tokens;
  if (first === undefined) return 'no_token';
  if (mail.from === null) return 'no_sender';
  const token = await tokenOf(shared, mail);
  if (typeof token === 'string') return token;
  const senders = [mail.from, ...(mail.envelope_from === null ? [] : [mail.envelope_from])];
  if (!senders.every((sender) => isSameMailbox(sender, token.sent_to))) return 'other_sender';
  const member = await shared.store.read((t) => t.people.get(token.workspace_id, token.member_id));
  if (!member?.email || !isSameMailbox(member.email, token.sent_to)) return 'no_member';
  return mail.text === '' && mail.attachments.length === 0 ? 'empty' : { mail, token, member };
}

/** The first token that was mailed to somebody and still works. */
async function tokenOf(
  { mail_tokens, clock }: Shared,
  { reply_tokens }: InboundMail,
): Promise<MailToken | InboundOutcome> {
  let why: InboundOutcome = 'unknown_token';
  for (const one of reply_tokens.slice(0, MAX_TOKENS)) {
    const token = await mail_tokens.find('reply', one);
    if (token && token.revoked_at_ms === null && token.expires_at_ms > clock.now()) return token;
    if (token) why = 'old_token';
  }
  return why;
}

async function takeReply(shared: Shared, reply: Reply, key: string): Promise<InboundOutcome> {
  const { mail, token } = reply;
  const approval = await approvalOf(shared, token);
  if (!approval) return 'unknown_token';
  if (!isOpen(approval.status)) {
    await tell(shared, reply, approval, 'closed', became(approval));
    return 'closed';
  }
  const who = principalOf(reply);
  const id = `mail:${mail.message_id === null ? key : hashOf(mail.message_id)}`;
  if (!(await shared.door.wasDone(who, id))) {
    if (!(await hasRoom(shared, approval.id))) return 'too_many';
    const question = { content: wordsOf(mail), below: await cardOf(shared, token, approval), key: id };
    const asked = await shared.door.ask(who, approval.id, question);
    if (isRefusal(asked)) {
      await tell(shared, reply, approval, 'refused', `Your reply was not passed on. ${asked.detail}`);
      return 'refused';
    }
  }
  if (soundsLikeVerdict(mail.text)) await tell(shared, reply, approval, 'verdict', NO_VERDICT);
  return 'question';
}

const NO_VERDICT =
  'Your reply was passed on as a question. A reply never decides; use this link to approve or deny.';
const LOST = 'Your reply could not be passed on. Send it again, or ask on this page.';

function principalOf({ token, member }: Reply): MemberPrincipal {
  const { id, name, role } = member;
  const { workspace_id } = token;
  return { kind: 'member', workspace_id, id, name, role, via: 'email', assurance: 'link' };
}

function approvalOf(
  { store }: Pick<Shared, 'store'>,
  { workspace_id, approval_id }: MailToken,
): Promise<Approval | null> {
  return store.read(function* (t) {
    const stored = approval_id === null ? null : yield* t.approvals.get(workspace_id, approval_id);
    return stored?.approval ?? null;
  });
}

/** The mail below which the words stand, so that they are not mailed back to who wrote them. */
async function cardOf({ store }: Shared, { sent_to }: MailToken, { id }: Approval): Promise<Posted | null> {
  const posts = await store.read((t) => t.posts.ofApproval(id));
  const to = sent_to.toLowerCase();
  const post = posts.find((one) => one.channel === 'email' && one.to.toLowerCase() === to);
  return post && post.ref !== null ? { ...post, ref: post.ref } : null;
}

/** One of the places of an hour; each is free again an hour after it was taken. */
function hasRoom({ store, clock }: Shared, approval_id: string): Promise<boolean> {
  const now = clock.now();
  return store.tx(function* (t) {
    yield* t.seen.removeExpired(now);
    for (let n = 0; n < MAX_PER_HOUR; n++) {
      if (yield* t.seen.claim(`mail-room:${approval_id}:${n}`, now + HOUR_MS)) return true;
    }
    return false;
  });
}

/** The words, and what came with them and was not kept. */
function wordsOf({ text, attachments }: InboundMail): string {
  if (attachments.length === 0) return text;
  const named = attachments
    .slice(0, MAX_NAMED)
    .map(({ name, bytes }) => `${visible(name)} (${sizeOf(bytes)})`);
  const rest = attachments.length - named.length;
  const all = `${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  const [n, were] =
    attachments.length === 1 ? ['1 attachment', 'was'] : [`${attachments.length} attachments`, 'were'];
  return `${text}${text === '' ? '' : '\n\n'}[${n} ${were} not kept: ${all}]`;
}

function sizeOf(bytes: number): string {
  if (bytes === 1) return '1 byte';
  return bytes < 1_000 ? `${bytes} bytes` : `${Math.round(bytes / 1_000).toLocaleString('en')} kB`;
}

/** What became of an approval, in a sentence for who replied too late. */
function became({ status, decision, decided_at }: Approval): string {
  const word = status.replaceAll('_', ' ');
  const by = decision ? ` by ${visible(decision.approver_name)} through ${viaWord(decision.via)}` : '';
  const when = decided_at === null ? '' : ` at ${decided_at.slice(0, 16).replace('T', ' ')} UTC`;
  return `It is over: ${word}${by}${when}. Your reply was not passed on.`;
}

/** Mails the writer a fresh link, once for each reason, approval and member. */
async function tell(
  { store, clock, due, notices, mail_tokens, settings }: Shared,
  { token, member }: Reply,
  approval: Approval,
  reason: string,
  why: string,
): Promise<void> {
  const now = clock.now();
  const { workspace_id, sent_to } = token;
  const claim = `mail-told:${hash('sha256', `${reason} ${approval.id} ${member.id}`)}`;
  if (await store.read((t) => t.seen.has(claim))) return;
  const to = { workspace_id, channel: 'email', to: sent_to } as const;
  const links = isOpen(approval.status) ? await mail_tokens.links(to, approval) : null;
  const url = links?.review_url ?? approval.url;
  const { risk_level: risk } = approval;
  const question = calledInMail(approval, await settings.of(workspace_id));
  const notice: Notice = { kind: 'link', name: member.name, question, risk, url, why };
  await store.tx(function* (t) {
    if (yield* t.seen.claim(claim, now + TOLD_MS)) yield* notices.add(t, to, notice, NOTICE_MS);
  });
  due(now);
}
