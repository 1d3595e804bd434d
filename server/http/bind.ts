/**
 * Binds declared routes to Express: who asks, how often, what they say, the handler, the answer.
 * INVARIANT: every answer of the API, good or bad, passes here: one place for headers, problems and measuring.
 */
import express, { type NextFunction, type Request, type Response, type Router } from 'express';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { isInScope } from '../core/embed.ts';
import { embeddedOf, type Principal } from '../core/principal.ts';
import type { Auth } from './auth.ts';
import type { Cors, CorsHeaders } from './cors.ts';
import { createIntake, type Intake } from './intake.ts';
import type { Limits } from './limits.ts';
import { loggedPath } from './logged-path.ts';
import type { Metrics } from './metrics.ts';
import { faultOf, PROBLEM_TYPE, problemOf } from './problem.ts';
import type { Call, Reply, Route } from './route.ts';
import { openStream } from './sse.ts';

/** The largest body; more than any person reviews. */
const MAX_BODY_BYTES = 262_144;
/** For calls that are answered at once: a controller for each would cost as much as the routing. */
const NEVER = new AbortController().signal;
const ACCEPTED = 202;
const JSON_TYPE = 'application/json; charset=utf-8';

export type HttpLog = {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

export type Door = {
  auth: Auth;
  cors: Cors;
  limits: Limits;
  metrics: Metrics;
  log: HttpLog;
  newRequestId: () => string;
};

const readBytes = express.raw({ type: () => true, limit: MAX_BODY_BYTES, inflate: false });

/** Adds every route to a router, in order. */
export function bindRoutes(router: Router, routes: readonly Route[], door: Door): void {
  for (const route of routes) {
    const intake = createIntake(route);
    const handler = (request: Request, response: Response) =>
      void answer(route, intake, door, request, response);
    const verb = route.method.toLowerCase() as 'get' | 'post' | 'put' | 'patch' | 'delete';
    if (route.body) router[verb](route.path, readBytes, handler);
    else router[verb](route.path, handler);
  }
  // Plain paths first: `/v1/approvals/decide` must not be answered as if it were an approval's.
  const paths = [...new Set(routes.map(({ path }) => path))];
  for (const path of paths.toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')))) {
    const open = routes.filter((route) => route.embed && route.path === path);
    router.options(path, door.cors.preflight(open.map(({ method }) => method)));
  }
}

async function answer(
  route: Route,
  intake: Intake,
  door: Door,
  request: Request,
  response: Response,
): Promise<void> {
  const started = performance.now();
  const request_id = door.newRequestId();
  let told: Refusal | null = null;
  let cors: CorsHeaders = {};
  try {
    const principal = await door.auth.principalOf(request);
    cors = await door.cors.headersOf(route, request, isRefusal(principal) ? null : principal);
    const call = await callOf(route, intake, door, principal, request, response);
    if (isRefusal(call)) told = call;
    else if (route.stream) told = await stream(route, call, cors, request, response);
    else told = send(response, route, { ...cors, 'X-Request-Id': request_id }, await handle(route, call));
  } catch (error) {
    const fault = faultOf(error);
    told = fault.no;
    if (fault.ours) door.log.error({ err: error, request_id, route: route.name }, 'a request failed');
  }
  if (told) sendProblem(response, told, request_id, cors);
  const duration_ms = performance.now() - started;
  door.metrics.answered(route.name, response.statusCode, duration_ms / 1000);
  const fields = {
    request_id,
    route: route.name,
    status: response.statusCode,
    duration_ms: Math.round(duration_ms),
  };
  if (told) door.log.info({ ...fields, code: told.code, detail: told.detail }, 'refused');
  else door.log.debug(fields, 'answered');
}

async function handle(route: Route, call: Call<unknown, Record<string, unknown>>): Promise<Reply | Refusal> {
  if (!route.handle) throw new Error(`${route.name} has no handler`);
  return route.handle(call);
}

async function callOf(
  route: Route,
  intake: Intake,
  { limits }: Door,
  principal: Principal | Refusal,
  request: Request,
  response: Response,
): Promise<Call<unknown, Record<string, unknown>> | Refusal> {
  if (isRefusal(principal)) return limits.strangers(request.socket.remoteAddress ?? '', principal);
  const stop = (await limits.take(callerOf(principal))) ?? outOfScope(route, principal);
  if (stop) return stop;
  const query = intake.query(request.url);
  if (!query.ok) return query.no;
  const body = intake.body(request.body instanceof Uint8Array ? request.body : new Uint8Array());
  if (!body.ok) return body.no;
  const once = intake.once(request.headers['idempotency-key'], request.path, body.input.text);
  if (isRefusal(once)) return once;
  return {
    principal,
    params: request.params as Record<string, string>,
    query: query.query,
    body: body.input.body,
    received: body.input.received,
    once,
    signal: route.query || route.stream ? leaving(response) : NEVER,
  };
}

/** Who is counted. The ids of end users are their host's own, so another workspace may have the same. */
function callerOf({ kind, id, workspace_id }: Principal): string {
  return kind === 'end_user' ? `${kind}:${workspace_id}:${id}` : `${kind}:${id}`;
}

/** INVARIANT: an embed token calls only the routes that say so, and only in its scope, whoever it is for. */
function outOfScope({ embed }: Route, principal: Principal): Refusal | null {
  const token = embeddedOf(principal);
  if (!token) return null;
  if (!embed) return refusal('forbidden', 'Embed tokens can’t call this; use a key, or sign in.');
  return isInScope(token, embed) ? null : refusal('forbidden', `This embed token does not include ${embed}.`);
}

/** Aborts when the caller goes away; also after a complete answer, where it reaches nobody. */
function leaving(response: Response): AbortSignal {
  const aborter = new AbortController();
  response.on('close', () => aborter.abort());
  return aborter.signal;
}

async function stream(
  route: Route,
  call: Call<unknown, Record<string, unknown>>,
  cors: CorsHeaders,
  request: Request,
  response: Response,
): Promise<Refusal | null> {
  const last = request.headers['last-event-id'];
  const last_event_id = typeof last === 'string' && last !== '' ? last : null;
  return route.stream ? route.stream({ ...call, last_event_id }, openStream(response, cors)) : null;
}

function send(
  response: Response,
  route: Route,
  stated: Record<string, string>,
  reply: Reply | Refusal,
): Refusal | null {
  if (isRefusal(reply)) return reply;
  // One writeHead with all headers is Node's fast way; setting them one by one costs more than the routing.
  const headers: Record<string, string | number> = { ...stated, 'Cache-Control': 'no-store' };
  if ('empty' in reply) {
    response.writeHead(route.status, headers).end();
    return null;
  }
  const status = reply.pending ? ACCEPTED : route.status;
  const text = 'text' in reply ? reply.text : JSON.stringify(reply.body);
  headers['Content-Type'] = JSON_TYPE;
  headers['Content-Length'] = Buffer.byteLength(text);
  if ('etag' in reply && reply.etag) headers['ETag'] = reply.etag;
  if ('replayed' in reply && reply.replayed) headers['Idempotency-Replayed'] = 'true';
  response.writeHead(status, headers).end(text);
  return null;
}

/** Answers with a problem, unless an answer has begun. */
function sendProblem(response: Response, no: Refusal, request_id: string, cors: CorsHeaders = {}): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const problem = problemOf(no, request_id);
  response.statusCode = problem.status;
  const wait = no.more?.['retry_after_s'];
  if (typeof wait === 'number') response.setHeader('Retry-After', String(wait));
  if (no.code === 'unauthorized') response.setHeader('WWW-Authenticate', 'Bearer');
  for (const [name, value] of Object.entries(cors)) response.setHeader(name, value);
  response.setHeader('X-Request-Id', request_id);
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', PROBLEM_TYPE);
  response.end(JSON.stringify(problem));
}

/** The end of the line: unknown paths, and errors thrown before a route was reached. */
export function bindTail(router: Router, door: Door): void {
  router.use((request: Request, response: Response) => {
    const detail = `There is nothing at ${request.method} ${loggedPath(request.path)}. The API is described at /docs.`;
    sendProblem(response, refusal('not_found', detail), door.newRequestId());
  });
  router.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    const request_id = door.newRequestId();
    const { no, ours } = faultOf(error);
    if (ours) door.log.error({ err: error, request_id, path: loggedPath(request.path) }, 'a request failed');
    else door.log.info({ request_id, path: loggedPath(request.path), code: no.code }, 'refused');
    sendProblem(response, no, request_id);
  });
}
