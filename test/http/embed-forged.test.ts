/**
 * 150 forged and misused embed tokens, as a table: none is accepted.
 *
 * INVARIANT: none of them reads the approval or decides on it. Each is a small change of a token that is accepted,
 * which is shown first, so that a refusal can't come from elsewhere.
 */
import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { call } from '../support/call.ts';
import { fromPage, type Host, KID, mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { ask, startCountersign } from '../support/server.ts';

type Json = Record<string, unknown>;
/** A token, and the page it comes from where that is not the honest one; null sends no Origin. */
type Forged = { token: string; origin?: string | null };

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const parts = (token: string): [string, string, string] => {
  const [head = '', body = '', signature = ''] = token.split('.');
  return [head, body, signature];
};

describe('forged embed tokens', async () => {
  let stranger: FirstRun['keys'] = { agent: '', service: '', personal: '' };
  const server = await startCountersign({
    calls_per_minute: 1_000_000,
    seed: async (store) => {
      stranger = (await addWorkspace(store)).keys;
    },
  });
  after(() => server.stop());
  const { url, keys } = server;
  const host = await registerHost(server);
  const foreign = await registerHost({ url, keys: stranger }, { origin: ORIGIN });
  const foreign_own = await registerHost(
    { url, keys: stranger },
    { origin: 'https://b.example', kid: 'kid-b' },
  );
  const { id } = await ask(server, { risk_level: 'low' });
  const theirs = await ask({ url, keys: stranger });

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
  const without = (name: string): Json => {
    const { [name]: _gone, ...rest } = honest();
    return rest;
  };
  const now_s = Math.floor(Date.now() / 1000);
  const other = generateKeyPairSync('ed25519');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const x = host.public_key.export({ format: 'jwk' }).x ?? '';
  const pem = String(host.public_key.export({ format: 'pem', type: 'spki' }));

  const hmac = (alg: string, secret: string | Buffer): string => {
    const text = `${b64({ alg, kid: KID })}.${b64(honest())}`;
    return `${text}.${createHmac(`sha${alg.slice(2)}`, secret)
      .update(text)
      .digest('base64url')}`;
  };

  /** A name, and how such tokens are made; several of one kind are counted one by one. */
  const TABLE: [string, () => Promise<Forged[]> | Forged[]][] = [
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
          { apr: [id, theirs.id] },
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

  const isAccepted = async (
    { token, origin = ORIGIN }: Forged,
    method: string,
    path: string,
  ): Promise<boolean> => {
    // What no header can carry is refused before it is sent.
    if (!/^[\x20-\x7e]*$/.test(token)) return false;
    const answer = await fromPage(url, token, method, path, method === 'POST' ? {} : undefined, origin);
    // Too many wrong ones from one address are a 429; those are counted only once a token was refused.
    return answer.status !== 401 && answer.status !== 429;
  };
  const read = (forged: Forged) => isAccepted(forged, 'GET', `/v1/approvals/${id}`);
  const decide = (forged: Forged) => isAccepted(forged, 'POST', `/v1/approvals/${id}/approve`);
  let tried = 0;

  test('the honest token of the same making is accepted', async () => {
    assert.ok(await read({ token: await sign() }));
    assert.ok(await read({ token: byHand(HEADER) }));
    assert.ok(await read({ token: byHand({ ...HEADER, typ: 'JWT' }) }));
    assert.ok(await read({ token: (await mint(server, [id])).token }));
  });

  for (const [name, make] of TABLE) {
    test(name, async () => {
      for (const [n, forged] of (await make()).entries()) {
        assert.ok(!(await read(forged)), `${name}, ${n}: read: ${forged.token}`);
        assert.ok(!(await decide(forged)), `${name}, ${n}: decided: ${forged.token}`);
        tried++;
      }
    });
  }

  const wrongFor = async (host_used: Host, claims: Json, path: string, body?: Json): Promise<number> => {
    tried++;
    const token = await host_used.sign(claims);
    const method = body ? 'POST' : 'GET';
    return (await fromPage(url, token, method, path, body)).status;
  };

  test('another workspace’s approvals, listed in an honest token, are not there', async () => {
    const at = `/v1/approvals/${theirs.id}`;
    assert.equal(await wrongFor(host, honest({ apr: [theirs.id] }), at), 404);
    assert.equal(await wrongFor(host, honest({ apr: [id, theirs.id] }), `${at}/approve`, {}), 404);
    const away = foreign.claims({ apr: [id] });
    assert.equal(await wrongFor(foreign, away, `/v1/approvals/${id}`), 404);
    assert.equal(await wrongFor(foreign, away, `/v1/approvals/${id}/deny`, {}), 404);
    const minting = { user_id: 'u1', origin: ORIGIN, scope: ['view'], approvals: [theirs.id] };
    tried++;
    assert.equal((await call(url, keys.service, 'POST', '/v1/embed-tokens', minting)).status, 404);
  });

  test('more than its scope, from the client’s side', async () => {
    const at = `/v1/approvals/${id}`;
    for (const scope of [['view'], ['view', 'comment']]) {
      assert.equal(await wrongFor(host, honest({ scope }), `${at}/approve`, {}), 403);
      assert.equal(await wrongFor(host, honest({ scope }), `${at}/respond`, { decision: 'deny' }), 403);
    }
    assert.equal(await wrongFor(host, honest({ scope: ['view'] }), `${at}/messages`, { content: 'x' }), 403);
    const { id: high } = await ask(server, { risk_level: 'high' });
    const on_high = (more: Json) => honest({ apr: [high], ...more });
    assert.equal(await wrongFor(host, on_high({}), `/v1/approvals/${high}/approve`, {}), 403);
    assert.equal(
      await wrongFor(host, on_high({ max_risk: 'low' }), `/v1/approvals/${high}/respond`, {
        decision: 'approve',
      }),
      403,
    );
  });

  test('the same jti for a second decide: with the same token, another token, after the page was loaded again', async () => {
    const [one, two] = [await ask(server), await ask(server)];
    const claims = honest({ apr: [one.id, two.id] });
    const token = await host.sign(claims);
    assert.equal((await fromPage(url, token, 'POST', `/v1/approvals/${one.id}/deny`, {})).status, 200);
    const again = [
      token,
      await host.sign(claims),
      await host.sign({ ...claims, sub: 'u2' }),
      await host.sign({ ...claims, scope: ['decide'], exp: Number(claims['exp']) + 60 }),
    ];
    for (const replay of again) {
      for (const verb of ['approve', 'deny']) {
        tried++;
        assert.equal(
          (await fromPage(url, replay, 'POST', `/v1/approvals/${two.id}/${verb}`, {})).status,
          401,
        );
      }
    }
  });

  test('after at least 150 of them nothing was decided or said', async () => {
    assert.ok(tried >= 150, `${tried} were tried`);
    const seen = await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`);
    assert.deepEqual([seen.body.status, seen.body.version], ['pending', 1]);
    const other_side = await call<Approval>(url, stranger.personal, 'GET', `/v1/approvals/${theirs.id}`);
    assert.equal(other_side.body.version, 1);
    process.stdout.write(`# ${tried} forged embed tokens, none accepted\n`);
  });
});
