/**
 * Embed tokens minted here for a host's backend, and calling tokens back.
 *
 * INVARIANT: only a service key mints; the secret is shown once and stored as a hash.
 * Opaque, and not signed: whether a token was revoked or has decided is looked up anyway (docs/decisions/0025).
 */
import { hash } from 'node:crypto';
import {
  type CreateEmbedToken,
  MAX_EMBED_LIFE_S,
  type NewEmbedToken,
  TOKEN_PREFIX,
} from '../../schemas/embed.ts';
import { invalid, isRefusal, refusal, type Refusal } from '../core/commands.ts';
import { DEFAULT_MAX_RISK, isPlainText } from '../core/embed.ts';
import type { StoredEmbedToken } from '../core/embed-tables.ts';
import type { Steps, Tables } from '../core/ports.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { Deps } from './deps.ts';
import { KEEP_ENDS_MS } from './embed-permit.ts';
import { type Answered, type OnceKey, onceOnly } from './once.ts';
import { notAdmin, openSealed } from './people.ts';

/** 43 characters of base 62 hold 256 bits. */
const SECRET_CHARS = 43;
const SECRET_BYTES = 32;
const SHAPE = new RegExp(`^cs_(${TOKEN_PREFIX}_[0-9A-Za-z]{8,40})_([0-9A-Za-z]{${SECRET_CHARS}})$`);
const OWN_ID = new RegExp(`^${TOKEN_PREFIX}_[0-9A-Za-z]{8,40}$`);
const HOSTS_ID = new RegExp(`^(?!${TOKEN_PREFIX}_)[A-Za-z0-9._~-]{8,128}$`);

/** What is stored of what a token is for. */
export type Granted = Pick<CreateEmbedToken, 'user_id' | 'member_id' | 'name' | 'origin'> & {
  approvals: string[];
  scope: CreateEmbedToken['scope'];
  max_risk: NonNullable<CreateEmbedToken['max_risk']>;
};

export type EmbedTokens = {
  /** Mints one; `forbidden`, `invalid_input`, or `not_found` for an approval that is not there. */
  mint(principal: Principal, input: CreateEmbedToken, once: OnceKey | null): Promise<Answered | Refusal>;
  /** Ends a token before its time: one of ours by its id, one that the host signed by its `jti`. */
  revoke(principal: Principal, id: string): Promise<null | Refusal>;
};

type Shared = Pick<Deps, 'store' | 'clock' | 'ids' | 'sealer'> & { access: Access };

const NOT_FOUND = refusal('not_found', 'There is no such approval in this workspace.');
const NO_TOKEN = refusal('not_found', 'There is no such embed token.');

export function createEmbedTokens(shared: Shared): EmbedTokens {
  const { store, clock, sealer, access } = shared;
  return {
    mint: async (principal, input, once) => {
      const no = refuseMint(principal, input);
      if (no) return no;
      const { stored, shown } = newToken(shared, principal, input);
      const answer = await store.tx((t) =>
        onceOnly(t, principal, once, stored.created_at_ms, function* () {
          const stranger = yield* refuseStrangers(t, principal.workspace_id, input);
          if (stranger) return stranger;
          yield* t.embed_tokens.insert(stored);
          // The answer holds the secret: what is remembered for a retry is sealed.
          return sealer.seal(JSON.stringify(shown));
        }),
      );
      return isRefusal(answer) ? answer : openSealed(sealer, answer);
    },
    revoke: async (principal, id) => {
      const no = principal.kind === 'service' ? null : notAdmin(principal);
      if (no) return refusal('forbidden', 'Only service keys and admins revoke embed tokens.');
      const { workspace_id } = principal;
      const keep_until_ms = clock.now() + MAX_EMBED_LIFE_S * 1000 + KEEP_ENDS_MS;
      const refused = await store.tx(function* (t) {
        const own = OWN_ID.test(id) ? yield* t.embed_tokens.find(id) : null;
        // A host's own token leaves no trace before it decides: any jti can be called back.
        if (own?.workspace_id !== workspace_id && !HOSTS_ID.test(id)) return NO_TOKEN;
        yield* t.embed_tokens.end(workspace_id, id, 'revoked', keep_until_ms);
        return null;
      });
      access.forget();
      return refused;
    },
  };
}

/** The id and secret of a token minted here; null for anything else. */
export function readToken(text: string): { id: string; secret_hash: string } | null {
  const [, id, secret] = SHAPE.exec(text) ?? [];
  return id && secret ? { id, secret_hash: secretHash(secret) } : null;
}

function secretHash(secret: string): string {
  return hash('sha256', secret);
}

function newToken(
  { clock, ids }: Shared,
  principal: Principal,
  input: CreateEmbedToken,
): { stored: StoredEmbedToken; shown: NewEmbedToken } {
  const now = clock.now();
  const { expires_in_s = MAX_EMBED_LIFE_S, ...asked } = input;
  const expires_at_ms = now + expires_in_s * 1000;
  const id = ids.make(TOKEN_PREFIX, now);
  const secret = ids.secret(SECRET_BYTES);
  const granted: Granted = { ...asked, max_risk: asked.max_risk ?? DEFAULT_MAX_RISK };
  return {
    stored: {
      id,
      workspace_id: principal.workspace_id,
      secret_hash: secretHash(secret),
      granted: JSON.stringify(granted),
      created_by: principal.id,
      created_at_ms: now,
      expires_at_ms,
    },
    shown: { id, token: `cs_${id}_${secret}`, expires_at: new Date(expires_at_ms).toISOString() },
  };
}

function refuseMint(principal: Principal, { user_id, member_id, name }: CreateEmbedToken): Refusal | null {
  if (principal.kind !== 'service') {
    return refusal('forbidden', 'Only a service key mints embed tokens, in the backend of the host.');
  }
  if ((user_id === undefined) === (member_id === undefined)) {
    return misfit('user_id', 'or member_id is needed, and not both: one person of yours, or one member');
  }
  if (member_id !== undefined && name !== undefined) return misfit('name', 'is only for a user_id');
  if (user_id !== undefined && !isPlainText(user_id)) return misfit('user_id', 'holds control characters');
  return name === undefined || isPlainText(name) ? null : misfit('name', 'holds control characters');
}

/** The page, the member and the approvals have to be this workspace's. */
function* refuseStrangers(
  t: Tables,
  workspace_id: string,
  { origin, member_id, approvals }: CreateEmbedToken,
): Steps<Refusal | null> {
  if (!(yield* t.origins.workspacesOf(origin)).includes(workspace_id)) {
    return misfit('origin', 'is not registered; an admin does that with POST /v1/origins');
  }
  if (member_id !== undefined && !(yield* t.people.get(workspace_id, member_id))) {
    return misfit('member_id', 'is not a member of this workspace');
  }
  for (const id of approvals) if (!(yield* t.approvals.get(workspace_id, id))) return NOT_FOUND;
  return null;
}

function misfit(field: string, message: string): Refusal {
  return invalid({ location: `body/${field}`, message });
}
