/** The desk alone: what it does when Slack can't be told that something arrived. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createDesk } from '../../bot/slack/desk.ts';
import { readPress, readSubmission, readWritten } from '../../bot/slack/payloads.ts';
import type { ChannelDoor } from '../../server/core/channel-ports.ts';
import { eventOf, pressOf, submissionOf } from '../support/slack-payloads.ts';

const alice = { team: 'T1', user: 'U1' };
const value = JSON.stringify({ a: 'apr_1', v: 1 });
const gone = () => Promise.reject(new Error('The connection is closed.'));

it('S3: what is kept is done all the same when the connection was cut before it could be acknowledged', async () => {
  const done: string[] = [];
  const noted = (what: string) => () => Promise.resolve(void done.push(what));
  const kept = { done: noted('finished'), later: noted('later') };
  const door = { keep: () => Promise.resolve(kept) } as unknown as ChannelDoor;
  const desk = createDesk({
    door,
    tell: noted('told'),
    log: { warn: () => {} },
    presses: { open: async () => null, approve: async () => (done.push('approved'), null) },
    submissions: { answer: async () => (done.push('denied'), undefined), fillIn: noted('filled in') },
    talk: { heard: noted('asked') } as never,
  });
  const at = { channel: 'C1', ts: '1.1', trigger_id: 't', response_url: '' };
  await desk.press(readPress(pressOf(alice, at, { action_id: 'apr.approve', value })), gone);
  await desk.submit(readSubmission(submissionOf(alice, { id: 'V1', view: {} }, {})), gone);
  const event = { type: 'message', user: 'U1', text: 'Why?', channel: 'C1', ts: '2.1', thread_ts: '1.1' };
  await desk.words('words', readWritten(eventOf('T1', event)), gone);
  assert.deepEqual(done, ['approved', 'finished', 'denied', 'filled in', 'finished', 'asked', 'finished']);
});

it('acknowledges in time what can’t be kept in time, says so, and does it when it is kept after all', async () => {
  const said: string[] = [];
  const gate = Promise.withResolvers<void>();
  const kept = { done: () => Promise.resolve(void said.push('finished')), later: () => Promise.resolve() };
  const door = { keep: () => gate.promise.then(() => kept) } as unknown as ChannelDoor;
  const desk = createDesk({
    door,
    tell: async (_to, { text }) => void said.push(text),
    log: { warn: () => {} },
    presses: { open: async () => null, approve: async () => (said.push('approved'), null) },
    submissions: {} as never,
    talk: {} as never,
  });
  const at = { channel: 'C1', ts: '1.1', trigger_id: 't', response_url: '' };
  const started = performance.now();
  const pressing = desk.press(
    readPress(pressOf(alice, at, { action_id: 'apr.approve', value })),
    async () => {
      said.push('acknowledged');
      assert.ok(performance.now() - started < 3_000);
      gate.resolve();
    },
  );
  await pressing;
  assert.deepEqual(said, [
    'acknowledged',
    'This takes longer than usual and is not stored yet. If you hear nothing more, press again.',
    'approved',
    'finished',
  ]);
});

it('keeps nothing of a press of Open, which opens the page by itself, and says nothing', async () => {
  const said: string[] = [];
  const note = (what: string) => async () => (said.push(what), null);
  const desk = createDesk({
    door: { keep: note('kept') } as unknown as ChannelDoor,
    tell: async () => void said.push('told'),
    log: { warn: () => {} },
    presses: { open: note('opened'), approve: note('approved') },
    submissions: {} as never,
    talk: {} as never,
  });
  const at = { channel: 'C1', ts: '1.1', trigger_id: 't', response_url: '' };
  const press = readPress(pressOf(alice, at, { action_id: 'apr.view', value }));
  await desk.press(press, async () => void said.push('acknowledged'));
  assert.deepEqual(said, ['acknowledged']);
});
