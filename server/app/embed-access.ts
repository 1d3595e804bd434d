/**
 * Proving an embed token: one minted here, or a JWT that a host signed with its registered key.
 *
 * INVARIANT: a token counts only in a page of its own origin, which the workspace has registered, and only until it
 * ends, is revoked, or its key, origin or member is removed. All that is wrong with one gets the same answer.
 * INVARIANT: of a signed token nothing is believed before its signature but which registered key to check it with.
 */
import { timingSafeEqual } from 'node:crypto';
import { HostClaims } from '../../schemas/embed.ts';
import { checkOf } from '../../schemas/validate.ts';
import { refusal, type Refusal } from '../core/commands.ts';
import { DEFAULT_MAX_RISK, type Embedded, isPlainText, isTimely, SKEW_S } from '../core/embed.ts';
import type { Steps, Tables } from '../core/ports.ts';
import { endUserId, type EndUserPrincipal, type PersonPrincipal } from '../core/principal.ts';
import type { Deps } from './deps.ts';
import { type Granted, readToken } from './embed-tokens.ts';
import { audienceOf, verifierOf } from './host-keys.ts';
import { personOf } from './keyring.ts';

/** How long a process may go on with what it read about a token. */
const FRESH_MS = 1_000;
const MAX_KNOWN = 10_000;
/** A hundred ids and everything else, in base64. */
const MAX_TOKEN_CHARS = 8_000;
const SIGNED = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const OWN = /^cs_emb_/;
const KID = /^[A-Za-z0-9._~-]{1,100}$/;
const WORKSPACE = /^wsp_[0-9A-Za-z]{8,40}$/;

export type EmbedAccess = {
  /** The principal of a token in a page of this origin; refuses `unauthorized`. */
  byEmbed(text: string, origin: string | undefined): Promise<PersonPrincipal | Refusal>;
  forget(): void;
};

const REFUSED = refusal(
  'unauthorized',
  'This embed token does not work here: it is unknown, changed, over, revoked, or of another page. Get a new one.',
);

type Shared = Pick<Deps, 'store' | 'clock' | 'public_url'>;
type Known = { principal: PersonPrincipal; read_ms: number };

/** True for text that can only be an embed token. */
export function isEmbedText(text: string): boolean {
  return OWN.test(text) || SIGNED.test(text);
}

export function createEmbedAccess(shared: Shared): EmbedAccess {
  const { store, clock } = shared;
  const known = new Map<string, Known>();
  let changes = 0;

  const prove = async (text: string): Promise<PersonPrincipal | null> => {
    const now = clock.now();
    const own = readToken(text);
    if (own) return store.read((t) => ownToken(t, own, now));
    const claims = await signedClaims(shared, text);
    return claims ? store.read((t) => signedToken(t, claims)) : null;
  };

  return {
    byEmbed: async (text, origin) => {
      if (origin === undefined || text.length > MAX_TOKEN_CHARS) return REFUSED;
      const now = clock.now();
      const cached = known.get(text);
      let principal = cached && now - cached.read_ms < FRESH_MS ? cached.principal : null;
      if (!principal) {
        known.delete(text);
        const before = changes;
        principal = await prove(text);
        if (known.size >= MAX_KNOWN) known.clear();
        if (principal && before === changes) known.set(text, { principal, read_ms: now });
      }
      const token = principal?.embed;
      if (!principal || !token || token.origin !== origin || token.expires_at_ms <= clock.now())
        return REFUSED;
      return principal;
    },
    forget: () => {
      changes++;
      known.clear();
    },
  };
}

function* ownToken(
  t: Tables,
  { id, secret_hash }: { id: string; secret_hash: string },
  now_ms: number,
): Steps<PersonPrincipal | null> {
  const stored = yield* t.embed_tokens.find(id);
  if (!stored || !timingSafeEqual(Buffer.from(secret_hash), Buffer.from(stored.secret_hash))) return null;
  const { workspace_id, created_by, granted: text, expires_at_ms } = stored;
  // A service key that was revoked takes what it minted along.
  const key = yield* t.keys.find(created_by);
  if (!key || key.revoked || (key.expires_at !== null && Date.parse(key.expires_at) <= now_ms)) return null;
  const { user_id, member_id, name, ...bounds } = JSON.parse(text) as Granted;
  const embed: Embedded = { token_id: id, ...bounds, expires_at_ms };
  if (!(yield* isAlive(t, workspace_id, embed))) return null;
  if (user_id !== undefined) return endUser(workspace_id, user_id, name, embed);
  const member = member_id === undefined ? null : yield* t.people.get(workspace_id, member_id);
  return member && { ...personOf(workspace_id, member, 'web', 'linked'), embed };
}

function* signedToken(t: Tables, claims: HostClaims): Steps<PersonPrincipal | null> {
  const { iss, sub, name, jti, origin, apr, scope, max_risk = DEFAULT_MAX_RISK, exp } = claims;
  const expires_at_ms = (exp + SKEW_S) * 1000;
  const embed: Embedded = { token_id: jti, origin, approvals: apr, scope, max_risk, expires_at_ms };
  return (yield* isAlive(t, iss, embed)) ? endUser(iss, sub, name, embed) : null;
}

/** Not revoked, and its page is registered. One that has decided may still read. */
function* isAlive(t: Tables, workspace_id: string, { token_id, origin }: Embedded): Steps<boolean> {
  if ((yield* t.embed_tokens.ends(workspace_id, token_id)).includes('revoked')) return false;
  return (yield* t.origins.workspacesOf(origin)).includes(workspace_id);
}

function endUser(
  workspace_id: string,
  user_id: string,
  name: string | undefined,
  embed: Embedded,
): EndUserPrincipal {
  const id = endUserId(user_id);
  const shown = name ?? user_id;
  return { kind: 'end_user', workspace_id, id, user_id, name: shown, via: 'web', assurance: 'linked', embed };
}

/** Loaded with the first such token: most servers never see one. */
const jose = () => import('jose');

const checkClaims = checkOf(HostClaims);

/** The claims of a JWT that a host signed (RFC 7519; EdDSA of RFC 8037 alone); null for any that is not good. */
async function signedClaims({ store, clock, public_url }: Shared, text: string): Promise<HostClaims | null> {
  const { jwtVerify, ...reading } = await jose();
  const named = keyNamedIn(reading, text);
  if (!named) return null;
  const key = await store.read((t) => t.host_keys.get(named.workspace_id, named.kid));
  if (!key) return null;
  try {
    const { payload } = await jwtVerify(text, verifierOf(key.x), {
      algorithms: ['EdDSA'],
      issuer: named.workspace_id,
      audience: audienceOf(public_url),
      currentDate: new Date(clock.now()),
      clockTolerance: SKEW_S,
    });
    const checked = checkClaims(payload);
    if (!checked.ok || !isTimely(checked.value, clock.now())) return null;
    const { sub, name } = checked.value;
    return isPlainText(sub) && isPlainText(name ?? '') ? checked.value : null;
  } catch {
    // Whatever is wrong with it: the caller is told one thing.
    return null;
  }
}

type Reading = Pick<Awaited<ReturnType<typeof jose>>, 'decodeJwt' | 'decodeProtectedHeader'>;

/** Which registered key a token says it was signed with; null where its header is not exactly what we ask for. */
function keyNamedIn(
  { decodeJwt, decodeProtectedHeader }: Reading,
  text: string,
): { workspace_id: string; kid: string } | null {
  if (!SIGNED.test(text) || !text.split('.').every(isCanonical)) return null;
  try {
    const { alg, kid, typ, ...others } = decodeProtectedHeader(text);
    const { iss } = decodeJwt(text);
    const plain = alg === 'EdDSA' && (typ === undefined || typ === 'JWT') && Object.keys(others).length === 0;
    if (!plain || typeof kid !== 'string' || !KID.test(kid)) return null;
    return typeof iss === 'string' && WORKSPACE.test(iss) ? { workspace_id: iss, kid } : null;
  } catch {
    return null;
  }
}

/** One text for one token: base64url has spare bits at its end, which would make several of it. */
function isCanonical(part: string): boolean {
  return Buffer.from(part, 'base64url').toString('base64url') === part;
}
