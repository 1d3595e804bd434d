/**
 * The public keys of hosts that sign embed tokens themselves.
 * INVARIANT: only the public half of an Ed25519 key is taken; a token of a removed key is refused from the next call on.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import type { CreateHostKey, HostKey } from '../../schemas/embed.ts';
import { invalid, refusal, type Refusal } from '../core/commands.ts';
import type { StoredHostKey } from '../core/embed-tables.ts';
import { listedDifferences } from '../core/loosening-others.ts';
import type { Principal } from '../core/principal.ts';
import type { Access } from './access.ts';
import type { ChangeKind, Changed, Changes } from './changes.ts';
import type { Deps } from './deps.ts';
import type { OnceKey } from './once.ts';
import { notAdmin } from './people.ts';

export type HostKeys = {
  /**
   * Registers a key, or asks another admin; `forbidden`, `invalid_input`, or `conflict` when the workspace has one of
   * this name.
   */
  add(principal: Principal, input: CreateHostKey, once: OnceKey | null): Promise<Changed | Refusal>;
  list(principal: Principal, after: string | null, limit: number): Promise<HostKey[] | Refusal>;
  remove(principal: Principal, kid: string): Promise<null | Refusal>;
};

/** As the schema has it; a path may say anything. */
const KID = /^[A-Za-z0-9._~-]{1,100}$/;

type Shared = Pick<Deps, 'store' | 'clock' | 'public_url'> & { access: Access; changes: Changes };

export function createHostKeys({ store, clock, public_url, access, changes }: Shared): HostKeys {
  const audience = audienceOf(public_url);
  const adding = changes.register(NEW_KEY);
  const shown = async ({ kid, name, x, workspace_id, created_at }: StoredHostKey): Promise<HostKey> => ({
    kid,
    name,
    // Loaded with the first key: most servers have none.
    thumbprint: await (await import('jose')).calculateJwkThumbprint(jwkOf(x), 'sha256'),
    issuer: workspace_id,
    audience,
    created_at,
  });
  return {
    add: async (principal, { kid, name, public_key }, once) => {
      const no = notAdmin(principal);
      if (no) return no;
      const x = publicPart(public_key);
      if (typeof x !== 'string') return x;
      const now = clock.now();
      const { workspace_id, id: created_by } = principal;
      const created_at = new Date(now).toISOString();
      const stored: StoredHostKey = { workspace_id, kid, name, x, created_by, created_at };
      return changes.make(principal, adding, { stored, shown: await shown(stored) }, once);
    },
    list: async (principal, after, limit) => {
      const no = notAdmin(principal);
      if (no) return no;
      const found = await store.read((t) => t.host_keys.list(principal.workspace_id, after, limit));
      return Promise.all(found.map(shown));
    },
    remove: async (principal, kid) => {
      const no = notAdmin(principal);
      if (no) return no;
      const removed =
        KID.test(kid) && (await store.tx((t) => t.host_keys.remove(principal.workspace_id, kid)));
      access.forget();
      return removed ? null : refusal('not_found', 'There is no such key.');
    },
  };
}

/** One more key: whoever holds its other half speaks for every user of the host. */
const NEW_KEY: ChangeKind<{ stored: StoredHostKey; shown: HostKey }> = {
  name: 'host_key',
  title: ({ shown }) => `Trust tokens that ${shown.name} signs with the key ${shown.kid}`,
  *read(t, { shown: { kid } }, { workspace_id }) {
    return (yield* t.host_keys.get(workspace_id, kid)) ? taken(kid) : null;
  },
  differences: (_base, { shown: { kid, thumbprint } }) =>
    listedDifferences(`Host key ${kid} (SHA-256 thumbprint)`, null, thumbprint),
  *write(t, { stored, shown }, { workspace_id }) {
    return (yield* t.host_keys.insert({ ...stored, workspace_id })) ? shown : taken(shown.kid);
  },
  made: () => {},
};

function taken(kid: string): Refusal {
  return refusal('conflict', `There is a key ${kid} already; take another name.`);
}

/** What `aud` of a signed token has to be. */
export function audienceOf(public_url: string): string {
  return new URL(public_url).origin;
}

/** A stored key, ready to verify with. */
export function verifierOf(x: string): KeyObject {
  return createPublicKey({ key: jwkOf(x), format: 'jwk' });
}

function jwkOf(x: string): { kty: string; crv: string; x: string } {
  return { kty: 'OKP', crv: 'Ed25519', x };
}

/** `x` of a public key; refuses private keys, which nobody but the host may have, and other kinds. */
function publicPart(given: CreateHostKey['public_key']): string | Refusal {
  const secret = typeof given === 'string' ? given.includes('PRIVATE') : Object.hasOwn(given, 'd');
  if (secret) return misfit('is a private key; send the public half alone, and make a new pair');
  try {
    const key =
      typeof given === 'string'
        ? createPublicKey({ key: given, format: 'pem', type: 'spki' })
        : createPublicKey({ key: given, format: 'jwk' });
    const { crv, x } = key.export({ format: 'jwk' });
    if (crv === 'Ed25519' && typeof x === 'string') return x;
  } catch {
    // What can't be read is refused like any other kind.
  }
  return misfit('is not the public half of an Ed25519 key, as a JWK or as PEM (BEGIN PUBLIC KEY)');
}

function misfit(message: string): Refusal {
  return invalid({ location: 'body/public_key', message });
}
