/**
 * Forged embed tokens, as a table: each is a small change of an honest one.
 * Left out: tokens that are good and used for more than they say (test/http/embed-forged.test.ts).
 */
import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { call } from './call.ts';
import { type Host, KID, mint, ORIGIN } from './embedding.ts';
import type { Running } from './server.ts';

type Json = Record<string, unknown>;
/** A token, and the page it comes from where that is not the honest one; null sends no Origin. */
export type Forged = { token: string; origin?: string | null };

/** What is forged from: an approval of this workspace, one of another, and the hosts of both. */
export type Ground = {
  server: Running;
  id: string;
  foreign_id: string;
  host: Host;
  /** Of the other workspace, with a key of the same name, and with one of its own. */
  foreign: Host;
  foreign_own: Host;
};

/** Claims, headers and bytes of an honest token, to be changed. */
export type Forge = ReturnType<typeof createForge>;

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (token: string): [string, string, string] => {
  const [head = '', body = '', signature = ''] = token.split('.');
  return [head, body, signature];
};

export function createForge({ host, id }: Pick<Ground, 'host' | 'id'>) {
  const honest = (more: Json = {}): Json => host.claims({ apr: [id], ...more });
  const sign = (more: Json = {}, header: Json = {}, key = host.private_key): Promise<string> =>
    host.sign(honest(more), header, key);
  /** Signed with the right key by hand, for headers and claims that a library would not write. */
  const raw = (header: string, body: string, key = host.private_key): string => {
    const text = `${b64(header)}.${b64(body)}`;
    return `${text}.${signBytes(null, Buffer.from(text), key).toString('base64url')}`;
  };
  const HEADER: Json = { alg: 'EdDSA', kid: KID };
  const byHand = (header: Json, claims: Json = honest()): string =>
    raw(JSON.stringify(header), JSON.stringify(claims));
  return { honest, sign, raw, byHand, HEADER };
}

/** A name, and how such tokens are made; several of one kind are counted one by one. */
export function forgeries(ground: Ground): [string, () => Promise<Forged[]> | Forged[]][] {
  const { server, id, foreign_id, host, foreign, foreign_own } = ground;
  const { url, keys } = server;
  const { honest, sign, raw, byHand, HEADER } = createForge(ground);
  const without = (name: string): Json => {
    const { [name]: _gone, ...rest } = honest();
    return rest;
  };
  const now_s = Math.floor(Date.now() / 1000);
  const other = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const x = host.public_key.export({ format: 'jwk' }).x ?? '';
  const pem = host.public_key.export({ format: 'pem', type: 'spki' });

  const hmac = (alg: string, secret: string | Buffer): string => {
    const text = `${b64({ alg, kid: KID })}.${b64(honest())}`;
    return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
      .update(text)
      .digest('base64url')}`;
  };
  return [
    [
      'no algorithm, in every spelling',
      () =>
        ['none', 'None', 'NONE', 'nOnE', '', ' none', 'null'].flatMap((alg) => [
          { token: `${b64({ alg, kid: KID })}.${b64(honest())}.` },
          { token: `${b64({ alg, kid: KID })}.${b64(honest())}.AA` },
        ]),
    ],
    [
      'a MAC with the public key as its secret',
      () =>
        ['HS256', 'HS384', 'HS512'].flatMap((alg) => [
          { token: hmac(alg, x) },
          { token: hmac(alg, Buffer.from(x, 'base64url')) },
          { token: hmac(alg, pem) },
          { token: hmac(alg, '') },
        ]),
    ],
    [
      'other algorithms, with keys of their own or with ours',
      async () => [
        { token: await sign({}, { alg: 'RS256' }, rsa.privateKey) },
        { token: await sign({}, { alg: 'PS256' }, rsa.privateKey) },
        { token: await sign({}, { alg: 'ES256' }, ec.privateKey) },
        ...[
          'ES256',
          'RS256',
          'Ed25519',
          'Ed448',
          'ed25519',
          'eddsa',
          'EDDSA',
          'HS256',
          'ES256K',
          'ML-DSA-44',
        ].map((alg) => ({ token: byHand({ alg, kid: KID }) })),
        { token: byHand({ kid: KID }) },
        { token: byHand({ alg: ['EdDSA'], kid: KID }) },
        { token: byHand({ alg: null, kid: KID }) },
      ],
    ],
    [
      'a key that the header brings or names',
      async () => {
        const jwk = other.publicKey.export({ format: 'jwk' });
        const headers: Json[] = [
          { jwk },
          { jku: 'https://evil.example/jwks.json' },
          { jku: `${url}/jwks.json` },
          { x5u: 'https://evil.example/cert.pem' },
          { x5c: [b64('certificate')] },
          { x5t: b64('thumb') },
        ];
        const brought = headers.flatMap((more) => [
          sign({}, more, other.privateKey),
          // Signed with the right key: what we were not asked to understand is still refused.
          Promise.resolve(byHand({ ...HEADER, ...more })),
        ]);
        const crit = [
          byHand({ ...HEADER, crit: ['exp'] }),
          byHand({ ...HEADER, crit: ['b64'], b64: false }),
          byHand({ ...HEADER, zip: 'DEF' }),
          byHand({ ...HEADER, cty: 'JWT' }),
          byHand({ ...HEADER, typ: 'at+jwt' }),
        ];
        return [...(await Promise.all(brought)), ...crit].map((token) => ({ token }));
      },
    ],
    [
      'tricks with the name of the key',
      async () => {
        const kids = [
          '../host-key-1',
          `${KID}\u0000`,
          `${KID} `,
          KID.toUpperCase(),
          '',
          '*',
          '%',
          "' OR 1=1 --",
          '/dev/null',
          'kid-b',
          'nobody',
        ];
        const named = await Promise.all(kids.map((kid) => sign({}, { kid })));
        const odd = [[KID], { toString: KID }, 1, null].map((kid) => byHand({ alg: 'EdDSA', kid }));
        return [...named, ...odd, byHand({ alg: 'EdDSA' })].map((token) => ({ token }));
      },
    ],
    [
      'another key: of nobody, of another workspace under the same name, or under its own',
      async () => [
        { token: await sign({}, {}, other.privateKey) },
        { token: await sign({}, {}, foreign.private_key) },
        { token: await sign({}, { kid: 'kid-b' }, foreign_own.private_key) },
        { token: await foreign.sign(foreign.claims({ apr: [id], iss: server.first.workspace_id })) },
      ],
    ],
    [
      'changed after it was signed: scope, risk, approvals, person, time, page',
      async () => {
        const [head, , signature] = parts(await sign({ scope: ['view'] }));
        const changes: Json[] = [
          { scope: ['view', 'comment', 'decide'] },
          { max_risk: 'critical' },
          { apr: [id, foreign_id] },
          { sub: 'admin' },
          { sub: server.first.member_id },
          { exp: now_s + 3_000 },
          { jti: 'another-token' },
          { origin: 'https://evil.example' },
        ];
        return changes.map((more) => ({ token: `${head}.${b64(honest(more))}.${signature}` }));
      },
    ],
    [
      'bits of the signature flipped, and signatures that are none',
      async () => {
        const token = await sign();
        const [head, body, signature] = parts(token);
        const bytes = Buffer.from(signature, 'base64url');
        const flipped = [0, 1, 7, 100, 255, 256, 300, 400, 505, 511].map((bit) => {
          const copy = Buffer.from(bytes);
          copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
          return copy.toString('base64url');
        });
        // The last character of 64 bytes has four bits to spare: the same signature, written otherwise.
        const spare =
          signature.slice(0, -1) +
          (signature.endsWith('A')
            ? 'B'
            : signature.endsWith('Q')
              ? 'R'
              : signature.endsWith('g')
                ? 'h'
                : 'x');
        const none = [
          '',
          'AA',
          signature.slice(0, -2),
          `${signature}AA`,
          `${signature}=`,
          `${signature}==`,
          Buffer.alloc(64).toString('base64url'),
          spare,
        ];
        return [...flipped, ...none].map((wrong) => ({ token: `${head}.${body}.${wrong}` }));
      },
    ],
    [
      'another audience, or none',
      async () => {
        const { origin } = new URL(url);
        const wrong = [
          'https://other.example',
          `${origin}/`,
          origin.toUpperCase(),
          'countersign',
          '',
          [origin],
          [origin, 'https://other.example'],
          null,
        ];
        const tokens = wrong.map((aud) => byHand(HEADER, honest({ aud })));
        return [...tokens, byHand(HEADER, without('aud'))].map((token) => ({ token }));
      },
    ],
    [
      'another issuer, or none',
      () =>
        [
          'https://app.example.com',
          'wsp_00000000000000000000000001',
          '',
          null,
          `${server.first.workspace_id}'`,
        ]
          .map((iss) => byHand(HEADER, honest({ iss })))
          .concat(byHand(HEADER, without('iss')))
          .map((token) => ({ token })),
    ],
    [
      'another page: the browser’s word is not the token’s, or the token’s page is not registered',
      async () => {
        const token = await sign();
        const minted = (await mint(server, [id])).token;
        const pages = [
          'https://evil.example',
          'http://app.example.com',
          `${ORIGIN}:8443`,
          `${ORIGIN}/`,
          'https://APP.example.com',
          'https://sub.app.example.com',
          'https://app.example.com.evil.example',
          'null',
          url,
          null,
        ];
        const claimed = ['https://evil.example', 'https://b.example', '*', 'null', url];
        return [
          ...pages.map((origin) => ({ token, origin })),
          ...pages.map((origin) => ({ token: minted, origin })),
          ...(await Promise.all(claimed.map(async (origin) => ({ token: await sign({ origin }), origin })))),
        ];
      },
    ],
    [
      'over, not yet begun, too long-lived, or without a time',
      async () => {
        const times: Json[] = [
          { iat: now_s - 300, exp: now_s - 60 },
          { iat: now_s - 60, exp: now_s - 10 },
          { iat: now_s + 60, exp: now_s + 120 },
          { iat: now_s, exp: now_s + 301 },
          { iat: now_s, exp: now_s + 86_400 },
          { iat: now_s - 3_600, exp: now_s + 60 },
          { iat: 0, exp: 9_999_999_999 },
          { nbf: now_s + 60 },
          { iat: now_s + 10, exp: now_s },
          { exp: String(now_s + 60) },
          { exp: -1 },
          { iat: `${now_s}` },
        ];
        const tokens = times.map((more) => byHand(HEADER, honest(more)));
        const missing = ['exp', 'iat'].map((name) => byHand(HEADER, without(name)));
        return [...tokens, ...missing].map((token) => ({ token }));
      },
    ],
    [
      'claims that are missing, of another shape, or unknown',
      async () => {
        const missing = ['sub', 'apr', 'scope', 'origin', 'jti'].map((name) => byHand(HEADER, without(name)));
        const odd: Json[] = [
          { sub: '' },
          { sub: 'a\u0000b' },
          { sub: { id: 'u1' } },
          { apr: [] },
          { apr: id },
          { apr: ['*'] },
          { apr: Array.from({ length: 101 }, (_, n) => `apr_${String(n).padStart(12, '0')}`) },
          { scope: [] },
          { scope: 'decide' },
          { scope: ['admin'] },
          { scope: ['view', 'settle'] },
          { max_risk: 'any' },
          { jti: 'x' },
          { jti: 'emb_00000000000000000000000001' },
          { role: 'admin' },
          { member_id: server.first.member_id },
          { cnf: { jkt: 'a proof we can’t ask for' } },
        ];
        return [...missing, ...odd.map((more) => byHand(HEADER, honest(more)))].map((token) => ({ token }));
      },
    ],
    [
      'text that is no token at all',
      async () => {
        const token = await sign();
        const [head, body, signature] = parts(token);
        return [
          `${head}.${body}`,
          `.${body}.${signature}`,
          `${head}..${signature}`,
          `${token}.`,
          `${token}.${signature}`,
          `${body}.${head}.${signature}`,
          raw('[]', JSON.stringify(honest())),
          raw(JSON.stringify(HEADER), '"a text"'),
          raw(JSON.stringify(HEADER), '{"iss":'),
          'a'
            .repeat(9_000)
            .replace(/^.{10}/, '$&.')
            .replace(/.{10}$/, '.$&'),
        ].map((wrong) => ({ token: wrong }));
      },
    ],
    [
      'a token minted here, changed',
      async () => {
        const { token } = await mint(server, [id]);
        const gone = await mint(server, [id]);
        await call(url, keys.service, 'DELETE', `/v1/embed-tokens/${gone.id}`);
        const [, , secret = ''] = token.replace('cs_emb', 'emb').split('_');
        const last = token.endsWith('0') ? '1' : '0';
        return [
          token.slice(0, -1) + last,
          token.slice(0, -1),
          `${token}0`,
          token.replace(
            secret,
            secret.toUpperCase() === secret ? secret.toLowerCase() : secret.toUpperCase(),
          ),
          gone.token,
          gone.token.slice(0, -43) + secret,
          `cs_emb_00000000000000000000000001_${secret}`,
        ].map((wrong) => ({ token: wrong }));
      },
    ],
  ];
}
