/** Talk about an approval: a person asks, the request answers at once, the agent answers later and is told apart. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Message, SentMessage } from '../../schemas/message.ts';
import { assertRefused, call } from '../support/call.ts';
import { addPerson, ask, startCountersign } from '../support/server.ts';

describe('the conversation', async () => {
  const server = await startCountersign();
  after(() => server.stop());
  const { url, keys } = server;
  const reviewer = await addPerson(server, 'reviewer');
  const say = (path: string, key: string, body: object) =>
    call<SentMessage>(url, key, 'POST', `${path}/messages`, body);
  const read = async (path: string) => (await call<Approval>(url, keys.personal, 'GET', path)).body;
  const talk = async (path: string) =>
    (await call<{ items: Message[] }>(url, keys.personal, 'GET', `${path}/messages`)).body.items;

  test('a question is answered at once from the request, which says that it is not the agent', async () => {
    const { id } = await ask(server, { cost: { usd: 120.5 }, if_denied: 'The order waits.' });
    const path = `/v1/approvals/${id}`;
    const { status, body } = await say(path, reviewer.key, { content: 'What does it cost?' });
    assert.equal(status, 201);
    assert.deepEqual([body.message.kind, body.message.author.id], ['question', reviewer.id]);
    const response = body.agent_response;
    assert.deepEqual([response?.kind, response?.author.kind], ['context_answer', 'system']);
    assert.equal(response?.in_reply_to, body.message.id);
    assert.match(response?.content ?? '', /^Answered from the request itself.*\nCost: USD 120\.5\.$/s);
    const now = await read(path);
    assert.deepEqual([now.status, now.open_question, now.message_count], ['asked_question', true, 2]);
  });

  test('the agent answers later, may give a new reasoning, and makes it pending again', async () => {
    const asked = await ask(server, { reasoning: 'the old one' });
    const path = `/v1/approvals/${asked.id}`;
    await say(path, reviewer.key, { content: 'Why now?' });
    const { body } = await say(path, keys.agent, {
      content: 'The price ends today',
      reasoning: 'a better one',
    });
    assert.deepEqual([body.message.kind, body.agent_response], ['answer', null]);
    const now = await read(path);
    assert.deepEqual([now.status, now.open_question, now.reasoning], ['pending', false, 'a better one']);
    assert.deepEqual([now.params_digest, now.expires_at], [asked.params_digest, asked.expires_at]);
    assert.deepEqual(
      (await talk(path)).map(({ kind, author }) => [kind, author.kind]),
      [
        ['question', 'member'],
        ['context_answer', 'system'],
        ['answer', 'agent'],
      ],
    );
  });

  test('an open question does not stand in the way of a decision', async () => {
    const path = `/v1/approvals/${(await ask(server)).id}`;
    await say(path, reviewer.key, { content: 'Sure?' });
    const done = await call<Approval>(url, reviewer.key, 'POST', `${path}/approve`, { version: 3 });
    assert.deepEqual([done.body.status, done.body.open_question], ['approved', false]);
    assertRefused(await say(path, keys.agent, { content: 'Yes' }), 409, 'conflict');
  });

  test('words are refused where they are empty, too long or not the speaker’s to say', async () => {
    const path = `/v1/approvals/${(await ask(server)).id}`;
    assertRefused(await say(path, reviewer.key, {}), 400, 'invalid_input', 'body/content');
    assertRefused(await say(path, reviewer.key, { content: '' }), 400, 'invalid_input', 'body/content');
    const long = { content: 'x'.repeat(20_001) };
    assertRefused(await say(path, reviewer.key, long), 400, 'invalid_input', 'body/content');
    assertRefused(await say(path, reviewer.key, { content: 'x', reasoning: 'mine' }), 403, 'forbidden');
    assertRefused(
      await say(path, reviewer.key, { content: 'x', author: 'agent' }),
      400,
      'invalid_input',
      'body/author',
    );
    assert.equal((await read(path)).message_count, 0);
  });

  test('a conversation ends at 500 messages, with a sentence that says what to do', async () => {
    const path = `/v1/approvals/${(await ask(server)).id}`;
    for (let n = 0; n < 500; n++) {
      assert.equal((await say(path, keys.agent, { content: `Line ${n}` })).status, 201);
    }
    assertRefused(await say(path, keys.agent, { content: 'One more' }), 413, 'too_large');
    assert.equal((await call(url, reviewer.key, 'POST', `${path}/deny`)).status, 200, 'deciding still works');
  });
});

test('a question that is decided before its answer comes is answered by nobody', async (t) => {
  let release = () => {};
  const asked = Promise.withResolvers<undefined>();
  const server = await startCountersign({
    responder: {
      answer: async () => {
        asked.resolve(undefined);
        await new Promise<void>((done) => (release = done));
        return { content: 'late', by: { kind: 'system', id: 'slow', name: 'Slow' } };
      },
    },
  });
  t.after(() => server.stop());
  const { url, keys } = server;
  const path = `/v1/approvals/${(await ask(server)).id}`;
  const question = call<SentMessage>(url, keys.personal, 'POST', `${path}/messages`, { content: 'Why?' });
  await asked.promise;
  await call(url, keys.personal, 'POST', `${path}/deny`);
  release();
  const { status, body } = await question;
  assert.deepEqual([status, body.message.kind, body.agent_response], [201, 'question', null]);
});
