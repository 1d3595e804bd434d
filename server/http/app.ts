/**
 * The whole HTTP side as one Express router: operations, API, documentation, pages.
 * Invariant: the API's routes come first and in one table; everything else is a page or a problem.
 */
import { Router } from 'express';
import type { UseCases } from '../app/use-cases.ts';
import type { Store } from '../core/ports.ts';
import { createAuth } from './auth.ts';
import { bindRoutes, bindTail, type Door, type HttpLog } from './bind.ts';
import { createBrowserProof } from './browser-proof.ts';
import { createCors } from './cors.ts';
import { createLimits, createPageLimits } from './limits.ts';
import { createMetrics } from './metrics.ts';
import { namedSchemas, openApi, type OpenApi } from './openapi.ts';
import { bindPages } from './pages.ts';
import type { Route } from './route.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { channelRoutes } from './routes/channels.ts';
import { conversationRoutes } from './routes/conversation.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { embedRoutes } from './routes/embed.ts';
import { executionRoutes } from './routes/executions.ts';
import { liveRoutes } from './routes/live.ts';
import { mailboxRoutes } from './routes/mailboxes.ts';
import { peopleRoutes } from './routes/people.ts';
import { ruleRoutes } from './routes/rules.ts';
import { schemaRoutes } from './routes/schemas.ts';
import { installationRoutes } from './routes/installations.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { trustRoutes } from './routes/trust.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export type HttpDeps = {
  cases: UseCases;
  store: Store;
  log: HttpLog;
  clock: { now(): number };
  public_url: string;
  version: string;
  calls_per_minute: number;
  newRequestId: () => string;
  /** False while the process stops: load balancers look elsewhere. */
  isReady: () => boolean;
};

/** All declared endpoints, busiest first. */
export function allRoutes(cases: UseCases): Route[] {
  const routes = [
    ...approvalRoutes(cases),
    ...decisionRoutes(cases),
    ...executionRoutes(cases),
    ...conversationRoutes(cases),
    ...liveRoutes(cases),
    ...peopleRoutes(cases),
    ...webhookRoutes(cases),
    ...channelRoutes(cases),
    ...mailboxRoutes(cases),
    ...installationRoutes(cases),
    ...sessionRoutes(cases),
    ...embedRoutes(cases),
    ...trustRoutes(cases),
    ...ruleRoutes(cases),
  ];
  return [...routes, ...schemaRoutes(namedSchemas(routes))];
}

/** The router to mount at the root of an Express app, and the OpenAPI document of its API. */
export function createHttp(deps: HttpDeps): { router: Router; doc: OpenApi } {
  const { cases, store, log, public_url, clock } = deps;
  const auth = createAuth(cases.access, public_url);
  const metrics = createMetrics({
    feed_readers: cases.feed.readers,
    jobs: () => store.read((t) => t.jobs.countByState(clock.now())),
    worker: () => cases.worker.now(),
    deliveries: () => store.read((t) => t.deliveries.openCounts()),
    mails: () => cases.inbound_mail.counts(),
  });
  const door: Door = {
    auth,
    cors: createCors(cases.origins),
    limits: createLimits(deps.calls_per_minute),
    metrics,
    log,
    newRequestId: deps.newRequestId,
  };
  const routes = allRoutes(cases);
  const doc = openApi(routes, deps.version);
  const router = Router();
  bindRoutes(router, routes, door);
  bindOperations(router, deps, doc, metrics);
  const { access, accounts, installations, mailboxes, people, review, not_me, sign_in } = cases;
  const limits = createPageLimits();
  const proof = createBrowserProof(cases.nonces, public_url);
  const mailed = { people, review, not_me, sign_in, proof, limits };
  bindPages(router, { access, accounts, installations, mailboxes, auth, public_url, doc, clock, ...mailed });
  bindTail(router, door);
  return { router, doc };
}

function bindOperations(
  router: Router,
  { store, isReady }: HttpDeps,
  doc: OpenApi,
  metrics: ReturnType<typeof createMetrics>,
): void {
  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  router.get('/readyz', async (_request, response) => {
    const ready = isReady() && (await canRead(store));
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready' });
  });
  router.get('/metrics', async (_request, response) => {
    response.setHeader('Content-Type', metrics.content_type);
    response.end(await metrics.text());
  });
  router.get('/v1/openapi.json', (_request, response) => void response.json(doc));
}

async function canRead(store: Store): Promise<boolean> {
  try {
    await store.read((t) => t.workspaces.first());
    return true;
  } catch {
    return false;
  }
}
