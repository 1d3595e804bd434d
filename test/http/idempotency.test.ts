/**
 * INVARIANT: a creation that is sent again gives the same answer and creates nothing, however many arrive at once;
 * and no secret is stored readably, not even for the answer that is given again.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import pg from 'pg';
import type { Approval } from '../../schemas/approval.ts';
import type { SentMessage } from '../../schemas/message.ts';
import type { Member, NewKey, SignInLink } from '../../schemas/people.ts';
import { assertRefused, call } from '../support/call.ts';
import {
  addPerson,
  ask,
  countAll,
  ENGINES,
  PAYMENT,
  type Running,
  startCountersign,
} from '../support/server.ts';

const AT_ONCE = 20;
/** The tables that could hold a secret, or an answer with one. */
const TABLES = [
  'workspaces',
  'members',
  'keys',
  'sessions',
  'sign_in_links',
  'once',
  'approvals',
  'events',
  'jobs',
];

/** Everything a store has written, as text. */
async function storedText({ store }: Running): Promise<string> {
  if ('file' in store) {
    return ['', '-wal'].map((end) => readFileSync(`${store.file}${end}`, 'latin1')).join('\n');
  }
  const client = new pg.Client({ connectionString: store.database_url });
  await client.connect();
  try {
    const tables = [];
    for (const table of TABLES) tables.push((await client.query(`SELECT * FROM ${table}`)).rows);
    return JSON.stringify(tables);
  } finally {
    await client.end();
  }
}

for (const engine of ENGINES) {
  describe(`an Idempotency-Key on ${engine}`, async () => {
    const server = await startCountersign({ engine });
    after(() => server.stop());
    const { url, keys } = server;
    const create = (key: string, body: unknown = PAYMENT, who = keys.agent) =>
      call<Approval>(url, who, 'POST', '/v1/approvals', body, { 'Idempotency-Key': key });

    test('asks a question once, gives the same answers again, and is another one for another approval', async () => {
      const [one, two] = [await ask(server), await ask(server)];
      const question = (id: string, content = 'Why?') =>
        call<SentMessage>(
          url,
          keys.personal,
          'POST',
          `/v1/approvals/${id}/messages`,
          { content },
          { 'Idempotency-Key': 'q' },
        );
      const first = await question(one.id);
      assert.equal(first.status, 201);
      assert.deepEqual((await question(one.id)).body, first.body);
      assertRefused(await question(one.id, 'How?'), 422, 'idempotency_mismatch');
      assert.equal(
        (await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${one.id}`)).body.message_count,
        2,
      );
      const other = await question(two.id);
      assert.equal(other.body.message.approval_id, two.id);
    });

    test('makes one sign-in link, and stores none readably', async () => {
      const path = `/v1/members/${server.first.member_id}/sign-in-link`;
      const link = () => call<SignInLink>(url, keys.personal, 'POST', path, {}, { 'Idempotency-Key': 'l' });
      const first = await link();
      assert.equal(first.status, 201);
      assert.deepEqual((await link()).body, first.body);
      const token = first.body.sign_in_url.split('/').at(-1) ?? '';
      assert.ok(token.length > 40 && !(await storedText(server)).includes(token));
    });

    test('with the same body gives the same answer and creates nothing', async () => {
      const once = await create('same');
      const before = await countAll(server);
      const again = await create('same');
      assert.deepEqual([again.status, again.text], [201, once.text]);
      assert.deepEqual(
        [once, again].map(({ headers }) => headers.get('idempotency-replayed')),
        [null, 'true'],
      );
      await call(url, keys.personal, 'POST', `/v1/approvals/${once.body.id}/deny`);
      assert.equal(
        (await create('same')).body.status,
        'pending',
        'the answer it gave, not what became of it',
      );
      assert.equal(await countAll(server), before);
    });

    test('with another body is refused, even when only a space differs', async () => {
      await create('other');
      const before = await countAll(server);
      assertRefused(await create('other', { ...PAYMENT, risk_level: 'low' }), 422, 'idempotency_mismatch');
      assertRefused(await create('other', `${JSON.stringify(PAYMENT)} `), 422, 'idempotency_mismatch');
      assert.equal(await countAll(server), before);
    });

    test(`sent ${AT_ONCE} times at once makes one approval`, async () => {
      const before = await countAll(server);
      const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => create('at-once')));
      assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([201]));
      assert.equal(answers.filter(({ headers }) => !headers.has('idempotency-replayed')).length, 1);
      assert.equal(await countAll(server), before + 1);
    });

    test('is not used up by a request that was refused', async () => {
      const body = { ...PAYMENT, assignees: ['mem_00000000000000000000000000'] };
      assertRefused(await create('refused', body), 400, 'invalid_input', 'body/assignees/0');
      assert.equal((await create('refused')).status, 201);
    });

    test('belongs to one key and one route', async () => {
      const mine = await create('shared');
      const other = await addPerson(server, 'reviewer');
      const theirs = await create('shared', PAYMENT, other.key);
      assert.notEqual(theirs.body.id, mine.body.id);
      const headers = { 'Idempotency-Key': 'shared' };
      const member = { name: 'Somebody', role: 'viewer' };
      const made = await call<Member>(url, keys.personal, 'POST', '/v1/members', member, headers);
      const again = await call<Member>(url, keys.personal, 'POST', '/v1/members', member, headers);
      assert.deepEqual([made.status, again.text], [201, made.text]);
      const key = await call(url, keys.personal, 'POST', '/v1/keys', { kind: 'agent', name: 'x' }, headers);
      assert.equal(key.status, 201, 'the same word on another route is another key');
      const wrong = await call(
        url,
        keys.personal,
        'POST',
        '/v1/members',
        { ...member, role: 'admin' },
        headers,
      );
      assertRefused(wrong, 422, 'idempotency_mismatch');
    });

    test('that is empty or too long is refused', async () => {
      for (const key of ['', ' ', 'x'.repeat(256)]) {
        assertRefused(await create(key), 400, 'invalid_input', 'header/idempotency-key');
      }
      assert.equal((await create('x'.repeat(255))).status, 201);
    });

    test('gives a key’s secret again, though no secret stands readable in the store', async () => {
      const headers = { 'Idempotency-Key': 'new-key' };
      const wanted = { kind: 'personal', name: 'Replayed' };
      const make = () => call<NewKey>(url, keys.personal, 'POST', '/v1/keys', wanted, headers);
      const made = await make();
      const again = await make();
      assert.equal(again.text, made.text);
      assert.equal((await call(url, again.body.key, 'GET', '/v1/me')).status, 200);
      const mismatch = await call(url, keys.personal, 'POST', '/v1/keys', { ...wanted, name: 'x' }, headers);
      assertRefused(mismatch, 422, 'idempotency_mismatch');

      await ask(server);
      const stored = await storedText(server);
      assert.ok(stored.includes('Replayed'), 'the look at the store sees what is in it');
      for (const key of [made.body.key, ...Object.values(keys)]) {
        const secret = key.slice(-49, -6);
        assert.ok(!stored.includes(secret), 'a secret stands in the store');
      }
      const token = server.first.sign_in_url.split('/').at(-1) ?? '';
      assert.ok(token.length > 40 && !stored.includes(token), 'a sign-in token stands in the store');
    });
  });
}
