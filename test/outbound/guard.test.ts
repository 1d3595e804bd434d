/**
 * INVARIANT: no connection is opened to an address that is neither public nor listed, however it is written and
 * whatever its name resolved to before.
 */
import assert from 'node:assert/strict';
import type { LookupAddress } from 'node:dns';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import type { Sent } from '../../server/core/ports.ts';
import { isPublic, readAllowed } from '../../server/outbound/addresses.ts';
import { createGuard, type Resolve } from '../../server/outbound/guard.ts';
import { createOutbound } from '../../server/outbound/send.ts';
import { addressForms } from '../support/address-forms.ts';

/** A resolver that answers what a test says, one answer after the other; the last one stays. */
function resolver(...answers: string[][]): Resolve {
  return (_name, _options, done) => {
    const now = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found: LookupAddress[] = now.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    done(null, found);
  };
}

function send(allow: string[], url: string, resolve?: Resolve): Promise<Sent> {
  const out = createOutbound(createGuard(allow, resolve));
  const call = { method: 'POST', headers: {}, body: '{}', total_ms: 5_000, max_bytes: 1_000, reuse: false };
  return out.send({ ...call, url }).finally(out.close);
}

describe('the outgoing address guard', async () => {
  let listener: RequestListener = (_request, response) => response.end('hello');
  const seen: string[] = [];
  const canary = createServer((request, response) => {
    seen.push(request.url ?? '');
    listener(request, response);
  });
  let connections = 0;
  canary.on('connection', () => connections++);
  // Every address of this machine: whatever gets through, arrives here.
  canary.listen(0, '0.0.0.0');
  await once(canary, 'listening');
  const { port } = canary.address() as AddressInfo;
  after(() => canary.close());

  test('refuses every written form of an address that is not public, and the canary sees no connection', async () => {
    const forms = addressForms();
    assert.ok(forms.length >= 300, `${forms.length} forms`);
    const before = connections;
    for (const form of forms) {
      for (const url of [`http://${form}:${port}/x`, `https://${form}:${port}/x`, `https://${form}/x`]) {
        assert.notEqual(createGuard([]).issueOf(url), null, url);
        assert.equal((await send([], url)).kind, 'refused', url);
      }
    }
    assert.equal(connections, before);
  });

  test('refuses them also where some other private address is listed', async () => {
    const before = connections;
    for (const form of addressForms().filter((host) => !/localhost|ⓛ/.test(host))) {
      const url = `http://${form}:${port}/x`;
      assert.equal((await send(['192.168.77.0/24', 'crm.internal'], url)).kind, 'refused', url);
    }
    assert.equal(connections, before);
  });

  test('lets a listed address, network or host through', async () => {
    const url = `http://127.0.0.1:${port}/x`;
    for (const allow of ['127.0.0.1', '127.0.0.0/8'])
      assert.equal((await send([allow], url)).kind, 'answered');
    const named = `http://crm.internal:${port}/x`;
    assert.equal((await send(['crm.internal'], named, resolver(['127.0.0.1']))).kind, 'answered');
    assert.equal((await send(['127.0.0.1'], named, resolver(['127.0.0.1']))).kind, 'answered');
  });

  test('follows no redirect, whatever its status', async () => {
    for (const status of [301, 302, 303, 307, 308]) {
      listener = (_request, response) =>
        response.writeHead(status, { Location: `http://127.0.0.2:${port}/secret` }).end();
      seen.length = 0;
      const sent = await send(['127.0.0.1'], `http://127.0.0.1:${port}/start`);
      assert.ok(sent.kind === 'answered' && sent.status === status);
      assert.deepEqual(seen, ['/start']);
    }
    listener = (_request, response) => response.end('hello');
  });

  test('is not fooled by a name that changes its address between two looks', async () => {
    const rebinding = resolver(['127.0.0.1'], ['127.0.0.2']);
    const url = `http://rebind.test:${port}/x`;
    const first = await send(['127.0.0.1'], url, rebinding);
    assert.equal(first.kind, 'answered', 'the first address is listed');
    const before = connections;
    const second = await send(['127.0.0.1'], url, rebinding);
    assert.equal(second.kind, 'refused');
    assert.equal(connections, before);
  });

  test('is not fooled by a private address beside public ones, in any family and order', async () => {
    const before = connections;
    for (const answer of [
      ['93.184.215.14', '127.0.0.1'],
      ['127.0.0.1', '93.184.215.14'],
      ['2606:2800:21f:cb07::1', '::ffff:127.0.0.1'],
      ['2606:2800:21f:cb07::1', '127.0.0.1'],
      ['::1'],
      ['169.254.169.254'],
      [],
    ]) {
      const sent = await send([], 'https://mixed.test/x', resolver(answer));
      assert.equal(sent.kind, 'refused', answer.join(' '));
    }
    assert.equal(connections, before);
  });

  test('allows plain http and other ports only for what is listed', async () => {
    const guard = createGuard(['crm.internal']);
    assert.match(guard.issueOf('http://api.example/') ?? '', /^must begin with https/);
    assert.match(guard.issueOf('https://api.example:9000/') ?? '', /^must use port 443 or 8443/);
    for (const fine of ['https://api.example/', 'https://api.example:8443/', 'http://crm.internal:8080/'])
      assert.equal(guard.issueOf(fine), null, fine);
    // A listed network may hold the name's address; a public one it does not hold stays refused over http.
    const sent = await send(['10.0.0.0/8'], `http://api.example:${port}/`, resolver(['93.184.215.14']));
    assert.equal(sent.kind, 'refused');
  });

  test('refuses credentials in a URL, other schemes, and what is no URL', () => {
    const guard = createGuard(['127.0.0.1']);
    for (const [url, issue] of [
      ['https://user:pass@api.example/', /user name or password/],
      ['https://user@api.example/', /user name or password/],
      ['ftp://api.example/', /must begin with/],
      ['file:///etc/passwd', /must begin with/],
      ['javascript:alert(1)', /must begin with/],
      ['https://', /not a URL/],
      ['https://[::1', /not a URL/],
      ['https://256.1.1.1/', /not a URL/],
      ['api.example', /not a URL/],
    ] as const)
      assert.match(guard.issueOf(url) ?? '', issue, url);
  });

  test('knows public addresses as public', () => {
    for (const address of ['1.1.1.1', '8.8.8.8', '93.184.215.14', '172.32.0.1', '100.128.0.1', '192.0.1.1'])
      assert.ok(isPublic(address), address);
    for (const address of ['2606:4700::1111', '2a00:1450::1', '2001:4860::8888', '2400:cb00::1'])
      assert.ok(isPublic(address), address);
    assert.ok(!isPublic('api.example'));
  });

  test('says which entry of OUTBOUND_ALLOW is wrong', () => {
    for (const wrong of [
      '10.0.0.0/33',
      '10.0.0/8',
      'a b',
      'http://x',
      '*.x',
      '::1/129',
      '1.2.3.4/',
      'x/8',
      '',
    ])
      assert.throws(() => readAllowed([wrong]), /OUTBOUND_ALLOW holds/, wrong);
    readAllowed(['localhost', 'crm.internal', '10.0.0.0/8', '::1', 'fd00::/8', '127.0.0.1']);
  });
});
