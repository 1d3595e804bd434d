/** The proof of a browser under https: a `__Host-` cookie that scripts and other hosts can't touch. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { createPageNonces } from '../../server/app/page-nonces.ts';
import { isRefusal } from '../../server/core/commands.ts';
import { browserName } from '../../server/http/browser-name.ts';
import { createBrowserProof, type ProofOf } from '../../server/http/browser-proof.ts';
import { loggedPath } from '../../server/http/logged-path.ts';
import { createIds, createSealer } from '../../server/system.ts';

const OF: ProofOf = { name: 'cs-r-0', subject: 'review:0', same_site: 'Strict' };
const proof = createBrowserProof(
  createPageNonces({ sealer: createSealer('a secret of the tests'), ids: createIds() }),
  'https://approve.example',
);
const request = (headers: Record<string, string>) =>
  ({ method: 'POST', headers }) as unknown as IncomingMessage;

test('under https the cookie has the __Host- prefix, and a nonce holds for its browser and its link alone', () => {
  const set: string[] = [];
  const response = { appendHeader: (_name: string, value: string) => set.push(value) };
  const { browser, nonce } = proof.give(request({}), response as unknown as ServerResponse, OF);
  assert.deepEqual(set, [
    `__Host-cs-r-0=${browser}; Path=/; Max-Age=7200; HttpOnly; SameSite=Strict; Secure`,
  ]);
  const headers = { cookie: `__Host-cs-r-0=${browser}`, origin: 'https://approve.example' };
  const form = new URLSearchParams({ nonce });
  assert.deepEqual(proof.check(request(headers), form, OF), { browser });
  const plain = { ...headers, cookie: `cs-r-0=${browser}` };
  for (const [sent, of] of [
    [plain, OF],
    [headers, { ...OF, subject: 'review:1' }],
    [{ ...headers, cookie: `__Host-cs-r-0=${'B'.repeat(43)}` }, OF],
    [{ ...headers, origin: 'http://approve.example' }, OF],
  ] as const)
    assert.ok(isRefusal(proof.check(request(sent), form, of)));
});

test('a path that carries a secret is cut in the log, and any other is kept', () => {
  for (const [path, logged] of [
    ['/r/abc', '/r/…'],
    ['/R/abc', '/r/…'],
    ['/r/abc/code', '/r/…'],
    ['/not-me/abc', '/not-me/…'],
    ['/mail/mute/abc', '/mail/…'],
    ['/sign-in/mail/abc', '/sign-in/…'],
    ['/v1/approvals/apr_1', '/v1/approvals/apr_1'],
    ['/sign-in', '/sign-in'],
  ] as const)
    assert.equal(loggedPath(path), logged);
});

test('a browser is named by its family and system, and by nothing that tells more', () => {
  const chrome = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
  assert.equal(
    browserName(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Edg/140.0`),
    'Edge on Windows',
  );
  assert.equal(browserName(`Mozilla/5.0 (X11; Linux x86_64) ${chrome}`), 'Chrome on Linux');
  assert.equal(
    browserName(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604',
    ),
    'Safari on iOS',
  );
  assert.equal(browserName('<script>'), 'unknown');
  assert.equal(browserName(undefined), 'unknown');
});
