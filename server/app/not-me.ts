/**
 * "This was not me": a member says by the link of a mail that a decision in their name was not theirs.
 *
 * INVARIANT: looking changes nothing. INVARIANT: what is stopped, the links and sessions that are called back, the
 * event and the alerts are one commit with the use of the link.
 * Left out: what can still be stopped (core/decide-disown.ts); the page (server/http/not-me-page.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import { isInNameOf } from '../core/decide-disown.ts';
import { type Happened, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { MailToken } from '../core/mail-tables.ts';
import type { Tables, Steps } from '../core/ports.ts';
import type { Access } from './access.ts';
import type { Approvals } from './approvals.ts';
import { calledInMail } from '../core/minimal.ts';
import type { Deps } from './deps.ts';
import { personOf } from './keyring.ts';
import { linkPermit, TokenTaken } from './link-permit.ts';
import type { MailTokens } from './mail-tokens.ts';
import type { Notices } from './notices.ts';
import type { SettingsCase } from './settings.ts';

/** `nothing`: no decision stands in their name. `can`: they may say it. `said`: they did. `over`: the link's time is. */
export type NotMe = {
  link: MailToken;
  stage: 'nothing' | 'can' | 'said' | 'over';
  name: string;
  approval: Approval;
  /** Whether it can still be stopped, as of now. */
  stoppable: boolean;
};

export type NotMeCase = {
  /** Null for a token that was never made, or whose member or approval is gone. */
  look(token: string): Promise<NotMe | null>;
  /** Stops what has not run, calls back links and sessions, tells the admins. */
  say(token: string): Promise<{ stopped: boolean } | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'public_url'> & {
  approvals: Approvals;
  mail_tokens: MailTokens;
  notices: Notices;
  access: Access;
  settings: SettingsCase;
  due: (at_ms: number) => void;
};

const DAY_MS = 24 * 3_600_000;
/** As many admins as are told. */
const MAX_MEMBERS = 200;

export function createNotMe(shared: Shared): NotMeCase {
  const { store, clock, mail_tokens, approvals, access, due } = shared;
  const look = async (token: string): Promise<(NotMe & { member: Member }) | null> => {
    const link = await mail_tokens.find('not_me', token);
    if (!link || link.approval_id === null) return null;
    const { workspace_id, member_id, approval_id } = link;
    const { stored, member } = await store.read(function* (t) {
      return {
        stored: yield* t.approvals.get(workspace_id, approval_id),
        member: yield* t.people.get(workspace_id, member_id),
      };
    });
    if (!stored || !member) return null;
    const { approval } = stored;
    const stage = stageOf(link, approval, clock.now());
    return { link, stage, name: member.name, member, approval, stoppable: isStoppable(approval) };
  };
  return {
    look: async (token) => {
      const seen = await look(token);
      if (!seen) return null;
      const { member: _member, ...shown } = seen;
      return shown;
    },
    say: async (token) => {
      const seen = await look(token);
      if (!seen) return refusal('not_found', 'There is no such link.');
      if (seen.stage !== 'can') return refusal('expired', 'There is nothing to stop by this link.');
      const { link, member, approval } = seen;
      const person = personOf(link.workspace_id, member, 'email', 'link');
      const now_ms = clock.now();
      const question = calledInMail(approval, await shared.settings.of(link.workspace_id));
      const told = { link, member, id: approval.id, question };
      const permit = linkPermit(link, now_ms, (t) => callBack(t, shared, told));
      try {
        const done = await approvals.act(person, approval.id, { type: 'disown' }, null, permit);
        if (isRefusal(done)) return done;
        access.forget();
        due(now_ms);
        return { stopped: isStop(done.event) };
      } catch (error) {
        if (error instanceof TokenTaken) return refusal('expired', error.message);
        throw error;
      }
    },
  };
}

function stageOf(link: MailToken, approval: Approval, now_ms: number): NotMe['stage'] {
  if (link.used_at_ms !== null) return 'said';
  if (link.revoked_at_ms !== null || link.expires_at_ms <= now_ms) return 'over';
  return isInNameOf(approval, link.member_id) ? 'can' : 'nothing';
}

/** An approval that waits for others' votes, or a run that has not begun. */
function isStoppable({ status, execution }: Approval): boolean {
  if (status === 'pending' || status === 'asked_question') return true;
  return execution?.state === 'ready' && execution.may_have_run !== true;
}

/** True where the event itself stopped something; what may have run is not called stopped. */
function isStop(event: Happened): boolean {
  return (
    event.type === 'approval.failed' || (event.type === 'approval.disowned' && event.data.withdraws_vote)
  );
}

/** Whoever had the mail has its links: they end, and so do the sessions that a mail opened. */
function* callBack(
  t: Tables,
  { notices, clock, public_url }: Shared,
  { link, member, id, question }: { link: MailToken; member: Member; id: string; question: string },
): Steps<void> {
  const { workspace_id } = link;
  const now = clock.now();
  yield* t.mail_tokens.revokePurposes(workspace_id, member.id, ['review', 'reply'], now);
  yield* t.mail_codes.endOfAddress(link.sent_to.toLowerCase(), now);
  yield* t.sessions.removeMailed(workspace_id, member.id);
  const stored = yield* t.approvals.get(workspace_id, id);
  if (!stored) return;
  const { approval } = stored;
  const [last] = yield* t.events.ofApproval(id, approval.version - 1, 1);
  const stopped = last !== undefined && isStop(JSON.parse(last.record) as Happened);
  for (const admin of yield* t.people.list(workspace_id, null, MAX_MEMBERS)) {
    if (admin.role !== 'admin' || admin.email === null) continue;
    yield* notices.add(
      t,
      { workspace_id, channel: 'email', to: admin.email },
      {
        kind: 'not_me',
        who: member.name,
        question,
        url: `${public_url}/approvals/${id}`,
        stopped,
      },
      DAY_MS,
    );
  }
}
