/** A host for embed tests: its registered origin, its service key, its signing key, and the tokens it makes. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import type { CreateEmbedToken, HostKey, NewEmbedToken } from '../../schemas/embed.ts';
import { type Answer, call } from './call.ts';
import type { Running } from './server.ts';

export const ORIGIN = 'https://app.example.com';
export const KID = 'host-key-1';

type Server = Pick<Running, 'url' | 'keys'>;
type Claims = Record<string, unknown>;

export type Host = {
  origin: string;
  private_key: KeyObject;
  public_key: KeyObject;
  /** What an honest token says; `apr` is for the test to name. */
  claims(more: Claims, now_ms?: number): Claims;
  /** An honest token, but for what is changed. */
  sign(claims: Claims, header?: Record<string, unknown>, key?: KeyObject): Promise<string>;
};

let tokens = 0;

/** Registers an origin and a key for a workspace, by its admin's personal key. */
export async function registerHost(
  server: Server,
  { origin = ORIGIN, kid = KID, admin = server.keys.personal } = {},
): Promise<Host> {
  await made(call(server.url, admin, 'POST', '/v1/origins', { origin }));
  const { privateKey: private_key, publicKey: public_key } = generateKeyPairSync('ed25519');
  const key = { kid, name: 'Backend', public_key: public_key.export({ format: 'jwk' }) };
  const { body: registered } = await made(call<HostKey>(server.url, admin, 'POST', '/v1/host-keys', key));
  return {
    origin,
    private_key,
    public_key,
    claims: (more, now_ms = Date.now()) => {
      const iat = Math.floor(now_ms / 1000);
      return {
        iss: registered.issuer,
        aud: registered.audience,
        sub: 'u1',
        scope: ['view', 'comment', 'decide'],
        origin,
        jti: `token-${process.pid}-${++tokens}`,
        iat,
        exp: iat + 120,
        ...more,
      };
    },
    sign: (claims, header = {}, key_used = private_key) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA', kid, ...header }).sign(key_used),
  };
}

async function made<T>(answer: Promise<Answer<T>>): Promise<Answer<T>> {
  const done = await answer;
  assert.equal(done.status, 201, done.text);
  return done;
}

/** A token minted by the service key: everything for `u1`, unless said otherwise. */
export async function mint(
  server: Server,
  approvals: string[],
  more: Partial<CreateEmbedToken> = {},
  key = server.keys.service,
): Promise<NewEmbedToken> {
  const who = more.member_id === undefined ? { user_id: 'u1' } : {};
  const scope = ['view', 'comment', 'decide'];
  const wanted = { ...who, origin: ORIGIN, approvals, scope, ...more };
  return (await made(call<NewEmbedToken>(server.url, key, 'POST', '/v1/embed-tokens', wanted))).body;
}

/** A call as a page of this origin makes it; null sends no Origin. */
export function fromPage<T>(
  url: string,
  token: string,
  method: string,
  path: string,
  body?: unknown,
  origin: string | null = ORIGIN,
): Promise<Answer<T>> {
  return call<T>(url, token, method, path, body, origin === null ? {} : { Origin: origin });
}
