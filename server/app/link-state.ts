/**
 * Where a review link stands, from the stored state alone.
 * INVARIANT: reading it changes nothing: not the link, not the approval, not even an approval whose time is over.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Context, Happened } from '../core/commands.ts';
import { statusOf } from '../core/card-status.ts';
import { NOBODY } from '../core/eligibility.ts';
import type { MailToken } from '../core/mail-tables.ts';
import { forbids } from '../core/permission.ts';
import { isViewOnly } from '../core/posts.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import { isPossible } from '../core/transitions.ts';
import { personOf } from './keyring.ts';
import { directoryOf } from './directory.ts';
import type { Approving, LinkStage, Look, ReviewDeps } from './review-look.ts';

/** More events than anybody reads. */
const MAX_EVENTS = 500;

/** Null where the approval is not there any more. */
export async function readLink(
  { store, clock, channels }: Pick<ReviewDeps, 'store' | 'clock' | 'channels'>,
  link: MailToken,
  session: MemberPrincipal | null,
  settings: Settings,
): Promise<Look | null> {
  const { workspace_id, member_id, approval_id } = link;
  if (approval_id === null) return null;
  const { stored, member, rows, directory } = await store.read(function* (t) {
    const found = yield* t.approvals.get(workspace_id, approval_id);
    return {
      stored: found,
      member: yield* t.people.get(workspace_id, member_id),
      rows: yield* t.events.ofApproval(approval_id, 0, MAX_EVENTS),
      directory: found ? yield* directoryOf(t, found.approval, 'all') : NOBODY,
    };
  });
  if (!stored) return null;
  const { approval } = stored;
  const own = session?.workspace_id === workspace_id && session.id === member_id;
  const person = member && personOf(workspace_id, member, 'email', own ? 'session' : 'link');
  const events = rows.map(({ record }) => JSON.parse(record) as Happened);
  const now_ms = clock.now();
  const { stage, why } = person
    ? stageOf(link, approval, { now_ms, principal: person, settings, directory })
    : { stage: 'gone' as const, why: 'You are not a member of this workspace any more.' };
  const approving: Approving = person
    ? approvingOf(
        approval,
        { now_ms, principal: person, settings, directory },
        person,
        channels.names.includes('email'),
      )
    : { may: 'never', why: 'You are not a member of this workspace any more.' };
  return { link, stage, why, person, address: masked(link.sent_to), approval, events, approving };
}

function stageOf(
  link: MailToken,
  approval: Approval,
  context: Context,
): { stage: LinkStage; why: string | null } {
  const { now_ms } = context;
  if (link.revoked_at_ms !== null)
    return { stage: 'revoked', why: 'This link was called back; it shows and decides nothing any more.' };
  if (!isPossible(statusOf(approval, now_ms), 'deny')) return { stage: 'decided', why: null };
  if (link.used_at_ms !== null)
    return { stage: 'used', why: 'You have used this link; each link is good for one answer.' };
  if (link.expires_at_ms <= now_ms)
    return { stage: 'expired', why: 'The time of this link is over; links decide for at most 72 hours.' };
  if (link.version !== approval.version)
    return { stage: 'older', why: 'This link was made for an earlier version; something changed since.' };
  const no = forbids('deny', approval, context);
  return no ? { stage: 'not_eligible', why: no.detail } : { stage: 'open', why: null };
}

/** A session counts as being signed in here, so the limit of the mail channel is no limit for it. */
function approvingOf(
  approval: Approval,
  context: Context,
  person: MemberPrincipal,
  mails: boolean,
): Approving {
  const { settings } = context;
  if (approval.votes.some(({ approver_id }) => approver_id === person.id)) {
    const { length } = approval.votes;
    return { may: 'never', why: `You have approved this already; ${length} of ${approval.quorum} have.` };
  }
  const no = forbids('approve', approval, context);
  const limited = person.assurance === 'link' && isViewOnly(approval, 'email', settings);
  if (!no && !limited) return { may: 'yes' };
  const signed_in = { ...context, principal: { ...person, assurance: 'session' as const } };
  const why = no?.detail ?? 'This workspace approves this risk only where you are signed in.';
  const helps = person.assurance === 'link' && forbids('approve', approval, signed_in) === null;
  if (helps && mails) return { may: 'step_up', why };
  return { may: 'never', why: helps ? `${why} Sign in and open it there.` : why };
}

/** `a…@example.com`: enough for whoever owns it to know which one it is. */
function masked(address: string): string {
  const at = address.lastIndexOf('@');
  const [first = ''] = address;
  return at < 1 ? '…' : `${first}…${address.slice(at)}`;
}
