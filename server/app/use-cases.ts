/** All use cases, put together over one set of ports. */
import { type Accounts, createAccounts } from './accounts.ts';
import { type Access, createAccess } from './access.ts';
import { type ApprovalQueries, createApprovalQueries } from './approval-queries.ts';
import { type Approvals, createApprovals } from './approvals.ts';
import { type Batch, createBatch } from './batch.ts';
import { type ChannelDeliveries, createChannelDeliveries } from './channel-deliveries.ts';
import { createChannelDoor } from './channel-door.ts';
import { createChangeRuns } from './change-runs.ts';
import { createChanges } from './changes.ts';
import { type Claims, createClaims, createRunOver } from './claims.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { ChannelDoor } from '../core/channel-ports.ts';
import type { Deps } from './deps.ts';
import { createDigests } from './holding.ts';
import { createEmbedTokens, type EmbedTokens } from './embed-tokens.ts';
import { createExecution } from './execution.ts';
import { createFeed, type Feed } from './feed.ts';
import { createHandlers } from './handlers.ts';
import { createHostKeys, type HostKeys } from './host-keys.ts';
import { createInboundMail, type InboundMails } from './inbound-mail.ts';
import { createInbox } from './inbox.ts';
import { createInstallations, type InstallationsCase } from './installations.ts';
import { createKeys, type Keys } from './keys.ts';
import { createMailboxes, type Mailboxes } from './mailboxes.ts';
import { createMailTokens, type MailTokens } from './mail-tokens.ts';
import { createNotMe, type NotMeCase } from './not-me.ts';
import { createNotices, type Notices } from './notices.ts';
import { createOrigins, type Origins } from './origins.ts';
import { createPageNonces, type PageNonces } from './page-nonces.ts';
import { createPeople, type People } from './people.ts';
import { createNotifying } from './notifying.ts';
import { createPolicy } from './policy.ts';
import { createPosting } from './posting.ts';
import { createReviewLinks, type ReviewLinks } from './review-links.ts';
import { createGates, type GatesCase } from './gates.ts';
import { createRuleDecider } from './rule-decider.ts';
import { createRules, type Rules } from './rules.ts';
import { createSettings, createSettingsChange, type SettingsCase, type SettingsChange } from './settings.ts';
import { createSignIn, type SignIn } from './sign-in.ts';
import { createTrust, type Trust } from './trust.ts';
import { createTrustDecider } from './trust-decider.ts';
import { createDelivery } from './webhook-delivery.ts';
import { createEndpoints } from './webhook-endpoints.ts';
import { createWebhooks, type Webhooks } from './webhooks.ts';
import { createWorker, type Worker } from './worker.ts';

export type UseCases = {
  approvals: Approvals;
  queries: ApprovalQueries;
  batch: Batch;
  claims: Claims;
  conversation: Conversation;
  people: People;
  keys: Keys;
  settings: SettingsCase & SettingsChange;
  access: Access;
  webhooks: Webhooks;
  feed: Feed;
  worker: Worker;
  accounts: Accounts;
  installations: InstallationsCase;
  deliveries: ChannelDeliveries;
  door: ChannelDoor;
  mail_tokens: MailTokens;
  notices: Notices;
  sign_in: SignIn;
  review: ReviewLinks;
  not_me: NotMeCase;
  nonces: PageNonces;
  mailboxes: Mailboxes;
  inbound_mail: InboundMails;
  origins: Origins;
  host_keys: HostKeys;
  embed_tokens: EmbedTokens;
  rules: Rules;
  gates: GatesCase;
  trust: Trust;
};

export function createUseCases(deps: Deps): UseCases {
  const feed = createFeed(deps);
  const settings = createSettings(deps);
  const access = createAccess(deps, feed.cut);
  feed.onCut(() => access.forgetHere());
  // The door tells the worker what is due; the worker's handlers come through the door.
  const due = (at_ms: number) => worker.due(at_ms);
  const endpoints = createEndpoints(deps);
  const ruling = createRuleDecider(deps);
  const policy = createPolicy([ruling, createTrustDecider(deps)], ruling.edits);
  const approvals = createApprovals({ ...deps, feed, settings, endpoints, policy, due });
  const changes = createChanges({ ...deps, feed, due, settings, endpoints });
  const sent = createExecution({ ...deps, approvals, settings });
  const execute = createChangeRuns({ ...deps, approvals, changes }, sent);
  const deliver = createDelivery({ ...deps, endpoints });
  const run_over = createRunOver({ ...deps, approvals, settings });
  const installations = createInstallations({ ...deps, settings, due });
  const notify = createNotifying({ ...deps, settings, installations, due });
  const mail_tokens = createMailTokens(deps);
  const mailboxes = createMailboxes({ ...deps, mail_tokens, due });
  const posting = createPosting({ ...deps, settings, mailboxes, due });
  const inbox = createInbox({ ...deps, due });
  const notices = createNotices({ ...deps, mailboxes });
  const mailing = { mail_tokens, notices, access, due };
  const sign_in = createSignIn({ ...deps, ...mailing });
  const cards = { notify, card: posting, remind: posting, digest: createDigests({ ...deps, settings, due }) };
  const mails = { notice: notices.handler, inbound: inbox.redo, sign_in: sign_in.handler };
  const handlers = createHandlers({ approvals, execute, deliver, run_over, ...cards, ...mails });
  const worker: Worker = createWorker(deps, handlers);
  const queries = createApprovalQueries({ ...deps, feed, approvals });
  const conversation = createConversation({ ...deps, approvals, queries });
  const accounts = createAccounts(deps);
  const talking = { approvals, conversation, settings };
  const door = createChannelDoor({ ...deps, ...talking, accounts, queries, inbox, mail_tokens });
  return {
    approvals,
    queries,
    batch: createBatch({ approvals, queries }),
    claims: createClaims({ ...deps, approvals }),
    conversation,
    keys: createKeys({ ...deps, access }),
    access,
    webhooks: createWebhooks({ ...deps, endpoints, due }),
    feed,
    worker,
    accounts,
    installations,
    deliveries: createChannelDeliveries({ ...deps, queries }),
    door,
    mail_tokens,
    notices,
    mailboxes,
    inbound_mail: createInboundMail({ ...deps, door, mail_tokens, mailboxes, notices, settings, due }),
    sign_in,
    embed_tokens: createEmbedTokens({ ...deps, access }),
    ...createGuardedCases({ ...deps, known: ruling.known, settings, changes, access }),
    ...createMailPages({ ...deps, ...mailing, ...talking }),
  };
}

type Guarded = Parameters<typeof createRules>[0] &
  Parameters<typeof createTrust>[0] &
  Parameters<typeof createPeople>[0] &
  Parameters<typeof createOrigins>[0] &
  Deps;

/** What says who decides and what needs no person; changes that loosen it wait for another admin. */
function createGuardedCases(
  shared: Guarded,
): Pick<UseCases, 'rules' | 'gates' | 'trust' | 'settings' | 'people' | 'origins' | 'host_keys'> {
  return {
    rules: createRules(shared),
    gates: createGates(shared),
    trust: createTrust(shared),
    settings: { ...shared.settings, ...createSettingsChange(shared) },
    people: createPeople(shared),
    origins: createOrigins(shared),
    host_keys: createHostKeys(shared),
  };
}

type Mailed = Parameters<typeof createReviewLinks>[0] & Parameters<typeof createNotMe>[0] & Deps;

/** What stands behind the links of mails. */
function createMailPages(shared: Mailed): Pick<UseCases, 'review' | 'not_me' | 'nonces'> {
  return {
    review: createReviewLinks(shared),
    not_me: createNotMe(shared),
    nonces: createPageNonces(shared),
  };
}
