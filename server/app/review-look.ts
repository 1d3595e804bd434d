/**
 * What is seen through a review link: where it stands, whose it is, and what its member may do. Shapes only.
 * Left out: how it is read (link-state.ts) and what is done by it (review-links.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Happened } from '../core/commands.ts';
import type { MailToken } from '../core/mail-tables.ts';
import type { MemberPrincipal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { Approvals } from './approvals.ts';
import type { Conversation } from './conversation.ts';
import type { Deps } from './deps.ts';
import type { MailTokens } from './mail-tokens.ts';
import type { Notices } from './notices.ts';
import type { SettingsCase } from './settings.ts';

/**
 * Where a link stands. `open`: it may decide. `used`, `older`, `expired`, `revoked`: this link is over although the
 * approval may be open. `decided`: the approval is over. `not_eligible`: its member may not decide on this.
 * `gone`: its member is none any more.
 */
export type LinkStage =
  | 'open'
  | 'used'
  | 'older'
  | 'expired'
  | 'revoked'
  | 'decided'
  | 'not_eligible'
  | 'gone';

/** Whether approving is possible: `step_up` after a code, `never` for this member, and why. */
export type Approving = { may: 'yes' } | { may: 'step_up' | 'never'; why: string };

export type Look = {
  link: MailToken;
  stage: LinkStage;
  /** Why it is not `open`, where a sentence says more than the stage. */
  why: string | null;
  person: MemberPrincipal | null;
  /** As on record, partly hidden: a link may have been handed on. */
  address: string;
  approval: Approval;
  /** The whole record, oldest first; its first `link.version` events are what the mail showed. */
  events: Happened[];
  approving: Approving;
};

/** What looking and deciding by a link need. */
export type ReviewDeps = Pick<Deps, 'store' | 'clock' | 'ids' | 'channels'> & {
  approvals: Approvals;
  conversation: Conversation;
  settings: SettingsCase;
  mail_tokens: MailTokens;
  notices: Notices;
  access: Access;
  due: (at_ms: number) => void;
};
