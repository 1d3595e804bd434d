/** All use cases, put together over one set of ports. */
import { type Access, createAccess } from './access.ts';
import { type ApprovalQueries, createApprovalQueries } from './approval-queries.ts';
import { type Approvals, createApprovals } from './approvals.ts';
import { type Batch, createBatch } from './batch.ts';
import { type Claims, createClaims, createRunOver } from './claims.ts';
import { type Conversation, createConversation } from './conversation.ts';
import type { Deps } from './deps.ts';
import { createExecution } from './execution.ts';
import { createFeed, type Feed } from './feed.ts';
import { createHandlers } from './handlers.ts';
import { createKeys, type Keys } from './keys.ts';
import { createPeople, type People } from './people.ts';
import { createSettings, type SettingsCase } from './settings.ts';
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
  feed: Feed;
  worker: Worker;
};

export function createUseCases(deps: Deps): UseCases {
  const feed = createFeed(deps);
  const settings = createSettings(deps);
  const access = createAccess(deps, feed.cut);
  // The door tells the worker what is due; the worker's handlers come through the door.
  const approvals = createApprovals({ ...deps, feed, settings, due: (at_ms) => worker.due(at_ms) });
  const execute = createExecution({ ...deps, approvals, settings });
  const deliver = () => Promise.resolve(undefined);
  const run_over = createRunOver({ ...deps, approvals, settings });
  const worker: Worker = createWorker(deps, createHandlers({ approvals, execute, deliver, run_over }));
  const queries = createApprovalQueries({ ...deps, feed, approvals });
  const conversation = createConversation({ ...deps, approvals, queries });
  const people = createPeople({ ...deps, access });
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
    feed,
    worker,
  };
}
