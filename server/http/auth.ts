/**
 * From a request to a principal: a bearer key, an embed token in a page of its origin, or a session cookie.
 * INVARIANT: a cookie alone never changes anything: an unsafe call must come from a page of this very origin.
 */
import type { IncomingMessage } from 'node:http';
import type { Access } from '../app/access.ts';
import { isEmbedText } from '../app/embed-access.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';

const SAFE_METHODS = ['GET', 'HEAD', 'OPTIONS'];

export type Auth = {
  /** The principal of a call. Refuses `unauthorized`, or `forbidden` for a cookie from a foreign page. */
  principalOf(request: IncomingMessage): Promise<Principal | Refusal>;
  sessionToken(request: IncomingMessage): string | null;
  /** The `Set-Cookie` value that opens a session. */
  cookie(token: string, max_age_s: number): string;
};

/** `public_url` decides the cookie: under https it is Secure with the `__Host-` prefix (RFC 6265bis 4.1.3). */
export function createAuth(access: Access, public_url: string): Auth {
  const secure = public_url.startsWith('https:');
  const name = secure ? '__Host-countersign' : 'countersign';

  const sessionToken = (request: IncomingMessage): string | null => cookieOf(request, name);

  return {
    sessionToken,
    cookie: (token, max_age_s) =>
      `${name}=${token}; Path=/; Max-Age=${max_age_s}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`,
    principalOf: async (request) => {
      const header = request.headers.authorization;
      if (header !== undefined) return byHeader(access, header, request.headers.origin);
      const token = sessionToken(request);
      const principal = token ? await access.bySession(token) : null;
      if (!principal) return refusal('unauthorized', 'Send a key, or sign in.');
      return foreignPage(request, public_url) ?? principal;
    },
  };
}

/** The value of a cookie; null when there is none of this name. */
export function cookieOf(request: IncomingMessage, name: string): string | null {
  for (const pair of (request.headers.cookie ?? '').split(';')) {
    const at = pair.indexOf('=');
    if (pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return null;
}

async function byHeader(
  access: Access,
  header: string,
  origin: string | undefined,
): Promise<Principal | Refusal> {
  const text = /^Bearer +(\S+)$/i.exec(header)?.[1];
  if (text === undefined) return refusal('unauthorized', 'The Authorization header must be "Bearer <key>".');
  return isEmbedText(text) ? access.byEmbed(text, origin) : access.byKey(text);
}

/** Refuses an unsafe call with a cookie that does not prove to come from our own page. */
export function foreignPage(request: IncomingMessage, public_url: string): Refusal | null {
  if (SAFE_METHODS.includes(request.method ?? 'GET')) return null;
  const { origin, host } = request.headers;
  const site = request.headers['sec-fetch-site'];
  // A form of a page with `Referrer-Policy: no-referrer` comes with the origin "null" (Fetch standard, "append a request
  // Origin header"), as does one from a sandbox; only the browser's own word tells them apart.
  const form = origin === 'null' && site === 'same-origin';
  const named = origin === new URL(public_url).origin || origin === `http://${host}`;
  const own = origin !== undefined && (named || form);
  if (own && (site === undefined || site === 'same-origin')) return null;
  return refusal('forbidden', 'A signed-in call must come from a page of this server.');
}
