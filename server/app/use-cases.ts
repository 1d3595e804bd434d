/** All use cases, put together over one set of ports. */
import { type Accounts, createAccounts } from './accounts.ts';
import { type Access, createAccess } from './access.ts';
import { type ApprovalQueries, createApprovalQueries } from './approval-queries.ts';
import { type Approvals, createApprovals } from './approvals.ts';
import { type Batch, createBatch } from './batch.ts';
import { type ChannelDeliveries, createChannelDeliveries } from './channel-deliveries.ts';
import { createChannelDoor } from './channel-door.ts';
import { type Claims, createClaims, createRunOver } from './claims.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { ChannelDoor } from '../core/channel-ports.ts';
import type { Deps } from './deps.ts';
import { createExecution } from './execution.ts';
import { createFeed, type Feed } from './feed.ts';
import { createHandlers } from './handlers.ts';
import { createInbox } from './inbox.ts';
import { createInstallations, type InstallationsCase } from './installations.ts';
import { createKeys, type Keys } from './keys.ts';
import { createPeople, type People } from './people.ts';
import { createNotifying } from './notifying.ts';
import { createPosting } from './posting.ts';
import { createSettings, type SettingsCase } from './settings.ts';
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
  settings: SettingsCase;
  access: Access;
  webhooks: Webhooks;
  feed: Feed;
  worker: Worker;
  accounts: Accounts;
  installations: InstallationsCase;
  deliveries: ChannelDeliveries;
  door: ChannelDoor;
};

export function createUseCases(deps: Deps): UseCases {
  const feed = createFeed(deps);
  const settings = createSettings(deps);
  const access = createAccess(deps, feed.cut);
  // The door tells the worker what is due; the worker's handlers come through the door.
  const due = (at_ms: number) => worker.due(at_ms);
  const endpoints = createEndpoints(deps);
  const approvals = createApprovals({ ...deps, feed, settings, endpoints, due });
  const execute = createExecution({ ...deps, approvals, settings });
  const deliver = createDelivery({ ...deps, endpoints });
  const run_over = createRunOver({ ...deps, approvals, settings });
  const installations = createInstallations({ ...deps, settings, due });
  const notify = createNotifying({ ...deps, settings, installations, due });
  const posting = createPosting({ ...deps, settings, due });
  const inbox = createInbox({ ...deps, due });
  const others = { execute, deliver, run_over, notify, card: posting, inbound: inbox.redo };
  const handlers = createHandlers({ approvals, ...others });
  const worker: Worker = createWorker(deps, handlers);
  const queries = createApprovalQueries({ ...deps, feed, approvals });
  const conversation = createConversation({ ...deps, approvals, queries });
  const people = createPeople({ ...deps, access });
  const accounts = createAccounts(deps);
  return {
    approvals,
    queries,
    batch: createBatch({ approvals, queries }),
    claims: createClaims({ ...deps, approvals }),
    conversation,
    people,
    keys: createKeys({ ...deps, access }),
    settings,
    access,
    webhooks: createWebhooks({ ...deps, endpoints, due }),
    feed,
    worker,
    accounts,
    installations,
    deliveries: createChannelDeliveries({ ...deps, queries }),
    door: createChannelDoor({ ...deps, accounts, approvals, queries, conversation, settings, inbox }),
  };
}
