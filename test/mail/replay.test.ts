/**
 * Every way of using a link that is not one's own first press: all refused, with the state unchanged; and no raw token,
 * code or cookie in any table or log line afterwards.
 */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import type { Approval } from '../../schemas/approval.ts';
import { call } from '../support/call.ts';
import { manualClock } from '../support/manual-clock.ts';
import { storedText } from '../support/stored-text.ts';
import { hiddenOf, startMailServer, visitor } from '../support/mail-pages.ts';

const ALICE = 'alice@example.com';
const BEN = 'ben@example.com';
const APPROVE = { choice: 'approve' };

describe('a link that is used in another way', async () => {
  const clock = manualClock();
  // On PostgreSQL, where a test can change a row from outside.
  const server = await startMailServer({ clock, engine: 'postgres' });
  after(() => server.stop());
  const sql = async (text: string, ...values: unknown[]): Promise<void> => {
    assert.ok('database_url' in server.store);
    const client = new pg.Client({ connectionString: server.store.database_url });
    await client.connect();
    try {
      await client.query(text, values);
    } finally {
      await client.end();
    }
  };
  const alice = await server.addMember('reviewer', 'Alice', ALICE);
  const ben = await server.addMember('reviewer', 'Ben', BEN);
  /** Everything that must be nowhere afterwards. */
  const secrets = new Set<string>();
  const remember = (...urls: string[]) => {
    for (const url of urls) secrets.add(url.split('/').at(-1) ?? url);
  };
  const opened = async (more: Record<string, unknown> = {}, address = ALICE) => {
    const approval = await server.ask(more);
    const links = await server.links(approval, address);
    remember(links.review_url, links.not_me_url, links.mute_url, links.reply, links.bounce);
    const browser = visitor(server.url);
    const page = await browser.get(links.review_url);
    for (const value of browser.cookies.values()) secrets.add(value);
    return { approval, links, path: links.review_url, browser, hidden: hiddenOf(page.text) };
  };
  /** The approval, and the row of the link. */
  const stateOf = async (id: string, path: string) => ({
    approval: await server.read(id),
    link: await server.cases.mail_tokens.find('review', path.split('/').at(-1) ?? ''),
  });
  type Opened = Awaited<ReturnType<typeof opened>>;

  const foreign: Record<string, Record<string, string>> = {
    'another origin': { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
    'another origin, in an old browser': { Origin: 'https://evil.example', 'Sec-Fetch-Site': '' },
    'a sandbox': { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' },
    'a neighbouring site': { Origin: 'null', 'Sec-Fetch-Site': 'same-site' },
    'another scheme': { Origin: server.url.replace('http:', 'https:') },
  };
  /** Each answers the status that it saw; the state has to stay as it was before. */
  const misuses: Record<string, (o: Opened) => Promise<number>> = {
    ...Object.fromEntries(
      Object.entries(foreign).map(([name, headers]) => [
        `from ${name}`,
        async ({ browser, path, hidden }: Opened) =>
          (await browser.post(path, { ...hidden, ...APPROVE }, headers)).status,
      ]),
    ),
    'without a nonce': async ({ browser, path }) => (await browser.post(path, APPROVE)).status,
    'with two nonces': async ({ browser, path, hidden }) =>
      (
        await browser.post(path, [
          ...Object.entries(hidden),
          ...Object.entries(hidden),
          ['choice', 'approve'],
        ])
      ).status,
    'with the nonce of another link': async ({ browser, path }) => {
      const other = await opened();
      return (await browser.post(path, { ...other.hidden, ...APPROVE })).status;
    },
    'with the nonce of another browser': async ({ browser, path }) => {
      const { text } = await visitor(server.url).get(path);
      return (await browser.post(path, { ...hiddenOf(text), ...APPROVE })).status;
    },
    'without the cookie': async ({ path, hidden }) =>
      (await visitor(server.url).post(path, { ...hidden, ...APPROVE })).status,
    'with a made-up cookie': async ({ browser, path, hidden }) => {
      const thief = visitor(server.url);
      for (const name of browser.cookies.keys()) thief.cookies.set(name, 'A'.repeat(43));
      return (await thief.post(path, { ...hidden, ...APPROVE })).status;
    },
    'with the form as JSON': async ({ browser, path, hidden }) =>
      (await browser.post(path, { ...hidden, ...APPROVE }, { 'Content-Type': 'application/json' })).status,
    'as another purpose': async ({ browser, links, hidden }) => {
      for (const token of [links.reply, links.bounce]) {
        const { status } = await browser.post(`/r/${token}`, { ...hidden, ...APPROVE });
        assert.equal(status, 404);
      }
      const swapped = links.review_url.replace('/r/', '/not-me/');
      assert.equal((await browser.submit(swapped, {})).status, 404);
      return (await browser.submit(links.not_me_url.replace('/not-me/', '/r/'), APPROVE)).status;
    },
    'as HEAD with a body': async (o) => raw(o, 'HEAD'),
    'as GET with its answer in the address': async ({ browser, path, hidden }) =>
      (await browser.get(`${path}?${new URLSearchParams({ ...hidden, ...APPROVE })}`)).status,
    'as PUT': async (o) => raw(o, 'PUT'),
    'as DELETE': async (o) => raw(o, 'DELETE'),
    'below its own address': async ({ browser, path, hidden }) =>
      (await browser.post(`${path}/approve`, { ...hidden, ...APPROVE })).status,
  };
  const raw = async ({ browser, path, hidden }: Opened, method: string): Promise<number> => {
    const { status } = await fetch(path, {
      method,
      headers: {
        Cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; '),
        Origin: server.url,
        'X-HTTP-Method-Override': 'POST',
      },
      ...(method === 'HEAD' ? {} : { body: new URLSearchParams({ ...hidden, ...APPROVE }) }),
    });
    return status;
  };

  for (const [name, misuse] of Object.entries(misuses)) {
    test(`${name}: nothing changes, and the person’s own press still works`, async () => {
      const o = await opened();
      const before = await stateOf(o.approval.id, o.path);
      const status = await misuse(o);
      const reads = name.startsWith('as HEAD') || name.startsWith('as GET');
      assert.ok(reads ? status === 200 : status >= 400 && status < 500, `${status}`);
      assert.deepEqual(await stateOf(o.approval.id, o.path), before);
      assert.equal((await o.browser.submit(o.path, APPROVE)).status, 303);
      const after_all = await server.read(o.approval.id);
      assert.deepEqual([after_all.status, after_all.decision?.approver_name], ['approved', 'Alice']);
    });
  }

  /** What became of the link before it is pressed; none of them decides. */
  const spoiled: Record<string, (o: Opened) => Promise<unknown>> = {
    'used before': ({ browser, path }) => browser.submit(path, APPROVE),
    'of an older version': ({ approval }) => question(approval),
    'over after 72 hours': async () => clock.jump(73 * 3_600_000),
    'called back': () =>
      sql(
        'UPDATE mail_tokens SET revoked_at = $1 WHERE member_id = $2 AND used_at IS NULL',
        clock.now(),
        alice.id,
      ),
    'decided elsewhere': ({ approval: { id } }) =>
      call(server.url, server.keys.personal, 'POST', `/v1/approvals/${id}/deny`, {}),
    'withdrawn by the agent': ({ approval: { id } }) =>
      call(server.url, server.keys.agent, 'POST', `/v1/approvals/${id}/cancel`, {}),
  };
  const question = async ({ id }: Approval) => {
    const path = `/v1/approvals/${id}/messages`;
    const asked = await call(server.url, server.keys.personal, 'POST', path, { content: 'Why?' });
    assert.equal(asked.status, 201, asked.text);
  };
  for (const [name, spoil] of Object.entries(spoiled)) {
    test(`a link that is ${name} decides nothing and says what happened`, async () => {
      const o = await opened({ expires_in_s: 30 * 24 * 3_600 });
      await spoil(o);
      const before = await stateOf(o.approval.id, o.path);
      for (const choice of [APPROVE, { choice: 'deny', reason: 'No' }, { choice: 'ask', question: 'Why?' }]) {
        assert.equal((await o.browser.post(o.path, { ...o.hidden, ...choice })).status, 409, choice.choice);
      }
      assert.deepEqual(await stateOf(o.approval.id, o.path), before);
      const page = await visitor(server.url).get(o.path);
      assert.ok([200, 410].includes(page.status), `${page.status}`);
    });
  }

  test('another approver’s link decides as that approver and nobody else, whoever is signed in', async () => {
    const approval = await server.ask();
    const [mine, bens] = [await server.links(approval, ALICE), await server.links(approval, BEN)];
    remember(mine.review_url, bens.review_url);
    const browser = visitor(server.url);
    const page = await browser.get(mine.review_url);
    const crossed = await browser.post(bens.review_url, { ...hiddenOf(page.text), ...APPROVE });
    assert.equal(crossed.status, 403);
    assert.equal((await server.read(approval.id)).status, 'pending');
    assert.equal((await browser.submit(bens.review_url, APPROVE)).status, 303);
    assert.equal((await server.read(approval.id)).decision?.approver_id, ben.id);
  });

  test('two presses at once are one decision', async () => {
    const o = await opened();
    const presses = await Promise.all(
      ['approve', 'deny', 'approve', 'ask', 'ask'].map((choice) =>
        o.browser.post(o.path, {
          ...o.hidden,
          choice,
          ...(choice === 'deny' ? { reason: 'No' } : {}),
          ...(choice === 'ask' ? { question: 'Why?' } : {}),
        }),
      ),
    );
    assert.equal(presses.filter(({ status }) => status === 303).length, 1);
    const trail = await call<{ items: { type: string; actor: { name: string } }[] }>(
      server.url,
      server.keys.personal,
      'GET',
      `/v1/approvals/${o.approval.id}/events`,
    );
    assert.equal(trail.body.items.filter(({ actor }) => actor.name === 'Alice').length, 1);
  });

  test('a member who was removed or lost the role decides nothing by an old link', async () => {
    const eve = await server.addMember('reviewer', 'Eve', 'eve@example.com');
    const o = await opened({}, 'eve@example.com');
    const demoted = await opened({}, 'eve@example.com');
    await sql("UPDATE members SET role = 'viewer' WHERE id = $1", eve.id);
    const no = await demoted.browser.post(demoted.path, { ...demoted.hidden, ...APPROVE });
    assert.equal(no.status, 409);
    assert.equal((await server.read(demoted.approval.id)).status, 'pending');
    await call(server.url, server.keys.personal, 'DELETE', `/v1/members/${eve.id}`);
    const gone = await o.browser.post(o.path, { ...o.hidden, choice: 'deny', reason: 'No' });
    assert.equal(gone.status, 409);
    assert.equal((await server.read(o.approval.id)).status, 'pending');
    const page = await o.browser.get(o.path);
    assert.equal(page.status, 410);
    assert.ok(!page.text.includes('Example Supplies'), 'and does not see it any more');
  });

  test('no raw token, code or cookie is in any table or log line', async () => {
    const o = await opened({ risk_level: 'critical' });
    const mark = server.sent.length;
    await o.browser.submit(o.path, {}, `${o.path}/code`);
    const { code } = await server.notice('code', ALICE, mark);
    await o.browser.submit(o.path, { code }, `${o.path}/session`);
    const signing = visitor(server.url);
    const asked = hiddenOf((await signing.get('/sign-in')).text);
    await signing.post('/sign-in', { ...asked, address: ALICE });
    const mail = await server.notice('code', ALICE, mark + 1);
    remember(mail.url ?? '');
    await signing.submit('/sign-in/code', { code: mail.code });
    for (const browser of [o.browser, signing])
      for (const value of browser.cookies.values()) secrets.add(value);
    // Paths that no route takes are logged too, and so are faults.
    for (const secret of [...secrets].slice(0, 5)) {
      for (const prefix of ['/r/', '/R/', '/not-me/', '/mail/x/', '/sign-in/mail/']) {
        await fetch(`${server.url}${prefix}${secret}/x/y`, { method: 'PATCH' });
        await fetch(`${server.url}${prefix}${secret}%`, { method: 'POST', body: 'x' });
      }
    }
    const text = `${await storedText(server.store)}\n${server.logged.join('')}`;
    assert.ok(text.includes('refused') && text.includes('/r/…'), 'the log and the tables were read');
    assert.ok(text.includes('alice@example.com'));
    assert.ok(secrets.size > 60, `${secrets.size} secrets`);
    const leaked = [...secrets].filter((secret) => secret.length > 8 && text.includes(secret));
    // As words of their own: short digits also stand inside of hashes.
    const codes = [code, mail.code].filter((digits) =>
      new RegExp(`(?<![0-9A-Za-z])${digits}(?![0-9A-Za-z])`).test(text),
    );
    assert.deepEqual(codes, []);
    assert.deepEqual(leaked, []);
  });
});
