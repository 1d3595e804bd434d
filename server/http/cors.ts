/**
 * Cross-origin calls: only from registered origins, and only to the routes that embed tokens may call.
 *
 * INVARIANT: nothing here lets anybody in: it tells browsers whose pages may read an answer. Cookies are never part of
 * it (no Access-Control-Allow-Credentials), so a foreign page only reads what its own token may.
 * Source: Fetch standard, section 3.3 ("CORS protocol").
 */
import type { Request, Response } from 'express';
import type { Origins } from '../app/origins.ts';
import type { Principal } from '../core/principal.ts';
import type { Route } from './route.ts';

/** How long a browser may go on without asking again, in seconds; the call itself is asked about every time. */
const MAX_AGE_S = 300;
const ALLOWED_HEADERS = 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID';
const EXPOSED_HEADERS = 'Date, ETag, Idempotency-Replayed, Retry-After, X-Request-Id';

export type CorsHeaders = Readonly<Record<string, string>>;

export type Cors = {
  /** The headers of an answer; `null` where nobody was proven. A route that no page may call gets none. */
  headersOf(route: Route, request: Request, principal: Principal | null): Promise<CorsHeaders>;
  /** Answers the question that a browser asks before a call; `methods` are those that pages may use at this path. */
  preflight(methods: readonly string[]): (request: Request, response: Response) => Promise<void>;
};

const NONE: CorsHeaders = {};
const VARY: CorsHeaders = { Vary: 'Origin' };

export function createCors(origins: Origins): Cors {
  return {
    headersOf: async (route, request, principal) => {
      if (!route.embed) return NONE;
      const { origin } = request.headers;
      if (origin === undefined) return VARY;
      const workspaces = await origins.workspacesOf(origin);
      // A page may read that its token is over; but what a proven caller gets, only in that caller's own pages.
      const known = principal ? workspaces.includes(principal.workspace_id) : workspaces.length > 0;
      return known ? { ...VARY, ...allowed(origin) } : VARY;
    },
    preflight: (methods) => async (request, response) => {
      const { origin } = request.headers;
      const method = request.headers['access-control-request-method'] ?? '';
      const known =
        origin !== undefined && methods.includes(method) && (await origins.workspacesOf(origin)).length > 0;
      response.writeHead(204, {
        Vary: 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
        'Cache-Control': 'no-store',
        ...(known
          ? {
              'Access-Control-Allow-Origin': origin,
              'Access-Control-Allow-Methods': methods.join(', '),
              'Access-Control-Allow-Headers': ALLOWED_HEADERS,
              'Access-Control-Max-Age': MAX_AGE_S,
            }
          : {}),
      });
      response.end();
    },
  };
}

function allowed(origin: string): CorsHeaders {
  return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED_HEADERS };
}
