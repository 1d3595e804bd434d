/** Mail with a real SMTP server behind the server's own jobs and a clock that tests move: M6, and who is told what. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { Message } from '../../schemas/message.ts';
import { personOf } from '../../server/app/keyring.ts';
import type { Happened } from '../../server/core/commands.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { newsOf } from '../../bot/email/latest.ts';
import { channelWorld, furnish, type World } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { agent, cleo, pending, WORKSPACE } from '../support/kernel.ts';
import { type MailBench, headerOf, mailBench } from '../support/mail-bench.ts';
import { newStore } from '../support/server.ts';

const ASSIGNED = { assignees: ['mem_ben00001'] };
const MEMBER = {
  id: 'mem_ben00001',
  name: 'Ben',
  role: 'reviewer',
  email: null,
  slack_team_id: null,
  slack_user_id: null,
  created_at: '',
} as const;
const byMail = personOf(WORKSPACE, MEMBER, 'email', 'link');
const onTheWeb = personOf(WORKSPACE, MEMBER, 'web', 'session');

describe('mail in a running server', () => {
  let bench: MailBench;
  let store: Store;
  let drop: () => Promise<void>;
  let world: World;
  let slack: ReturnType<typeof fakeChannel>;

  beforeEach(async () => {
    const made = await newStore('sqlite');
    drop = made.drop;
    store = await openStore(made.store);
    await furnish(store, { email: 'ben@example.com', slack_user: 'U1' });
    let now = () => 0;
    bench = await mailBench({ now: () => now() });
    slack = fakeChannel('slack');
    world = channelWorld({
      store,
      channels: [
        { channel: bench.channel, default_to: null },
        { channel: slack.channel, default_to: 'C1' },
      ],
    });
    now = () => world.clock.now();
    await world.set({ notify: { channels: ['email', 'slack'], slack_channel: null } });
  });
  afterEach(async () => {
    await bench.close();
    await store.close();
    await drop();
  });

  const kinds = () =>
    bench.smtp.mails.map((mail) => /kind=(\w+)/.exec(headerOf(mail, 'X-Countersign'))?.[1] ?? '');
  const act = async (
    who: Parameters<ReturnType<World['cases']>['approvals']['act']>[0],
    id: string,
    command: Parameters<ReturnType<World['cases']>['approvals']['act']>[2],
  ) => {
    const done = await world.cases().approvals.act(who, id, command);
    assert.ok(!isRefusal(done), JSON.stringify(done));
    await world.run();
  };
  const asked = async (more: Record<string, unknown> = {}) => {
    const { id } = await world.ask({ ...ASSIGNED, ...more });
    await world.run();
    return id;
  };
  const states = async (id: string) => {
    const found = await world.cases().deliveries.of(cleo, id);
    assert.ok(!isRefusal(found));
    return found.map(({ channel, state, error }) => ({ channel, state, error }));
  };

  it('M6: a server that lists us grey is asked again, and then takes the mail once', async () => {
    bench.smtp.failNext('grey', 'grey');
    const id = await asked();
    const [first] = await states(id);
    assert.equal(first?.state, 'waiting');
    assert.match(first?.error ?? '', /451 4\.7\.1 Greylisted/);
    for (let minute = 0; minute < 3; minute++) {
      world.clock.jump(60_000);
      await world.run();
    }
    assert.deepEqual(await states(id), [{ channel: 'email', state: 'posted', error: null }]);
    assert.deepEqual([bench.smtp.tries(), bench.smtp.mails.length], [3, 1]);
  });

  it('M6: an address that is refused is visible on the approval, and the next channel is used', async () => {
    bench.smtp.failNext('refuse');
    const id = await asked();
    const [first, second] = await states(id);
    assert.equal(first?.state, 'failed');
    assert.match(first?.error ?? '', /550 5\.1\.1 No such user here/);
    assert.deepEqual([second?.channel, second?.state], ['slack', 'posted']);
    assert.equal(bench.smtp.tries(), 1);
  });

  it('M6: a mail that may have arrived before the line was cut comes again under the same id', async () => {
    bench.smtp.failNext('drop');
    const id = await asked();
    world.clock.jump(60_000);
    await world.run();
    assert.deepEqual(await states(id), [{ channel: 'email', state: 'posted', error: null }]);
    assert.equal(new Set(bench.smtp.mails.map((mail) => headerOf(mail, 'Message-ID'))).size, 1);
  });

  it('a decision of somebody else is told once; one’s own on the web is not; one by mail is confirmed', async () => {
    const other = await asked();
    await act(cleo, other, { type: 'deny', reason: 'Not this month' });
    assert.deepEqual(kinds(), ['request', 'decided']);
    assert.match(bench.smtp.mails.at(-1)?.parsed.text ?? '', /Not this month/);
    const web = await asked();
    await act(onTheWeb, web, { type: 'deny' });
    const mailed = await asked();
    await act(byMail, mailed, { type: 'deny' });
    assert.deepEqual(kinds().slice(2), ['request', 'request', 'confirmation']);
    assert.match(bench.smtp.mails.at(-1)?.parsed.text ?? '', /This was not me:\nhttp:\S+\/not-me\//);
  });

  it('an answer of the agent is mailed with a fresh link; a question of somebody else is not', async () => {
    const id = await asked();
    const question = await world.cases().conversation.send(cleo, id, { content: 'Why now?' }, null);
    assert.ok(!isRefusal(question));
    await world.run();
    assert.deepEqual(kinds(), ['request']);
    await world.cases().conversation.send(agent, id, { content: 'It is due.' }, null);
    await world.run();
    assert.deepEqual(kinds(), ['request', 'answer']);
    const text = bench.smtp.mails.at(-1)?.parsed.text ?? '';
    assert.match(text, /Why now\?[^]*It is due\./);
    const links = bench.smtp.mails.map((mail) => /\/r\/\w+/.exec(mail.parsed.text ?? '')?.[0]);
    assert.notEqual(links[0], links[1]);
  });

  it('a vote of somebody else, expiry and withdrawal are told; whoever has voted is not reminded', async () => {
    const voted = await asked({
      quorum: 2,
      assignees: ['mem_ben00001', cleo.id],
      risk_level: 'low',
      expires_in_s: 3_600,
    });
    await act(cleo, voted, { type: 'approve' });
    assert.deepEqual(kinds(), ['request', 'changed']);
    await act(onTheWeb, voted, { type: 'approve' });
    const withdrawn = await asked();
    await act(agent, withdrawn, { type: 'cancel' });
    assert.deepEqual(kinds().slice(2), ['request', 'decided']);
    await asked({ expires_in_s: 3_600 });
    for (const minutes of [31, 25, 5]) {
      world.clock.jump(minutes * 60_000);
      await world.run();
    }
    assert.deepEqual(kinds().slice(4), ['request', 'reminder', 'reminder', 'decided']);
    assert.match(
      bench.smtp.mails.at(-1)?.parsed.text ?? '',
      /Nobody decided in time, so it counts as denied/,
    );
  });

  it('a workspace that keeps what is asked out of mails gets mails without it', async () => {
    await world.set({ mail_minimal: ['Restricted'] });
    await asked({ data_classification: 'restricted ', action_summary: 'Fire Bob', params: { who: 'Bob' } });
    const [mail] = bench.smtp.mails;
    assert.ok(mail);
    assert.doesNotMatch(mail.raw.toString('utf8'), /Bob|Fire/);
    await asked({ data_classification: 'public', action_summary: 'Fire Bob' });
    assert.match(bench.smtp.mails.at(-1)?.parsed.subject ?? '', /Fire Bob/);
  });
});

describe('the latest news of an approval', () => {
  const approval = pending();
  const event = (type: string, actor: string, via = 'web', data: object = {}) =>
    ({
      type,
      data,
      at: '',
      actor: { kind: 'member', id: actor, name: actor },
      via,
      assurance: null,
    }) as unknown as Happened;
  const decided = { ...approval, status: 'approved' as const };

  it('is nothing for what concerns nobody', () => {
    const message = {} as Message;
    for (const fresh of [
      [],
      [event('approval.question_asked', 'mem_a', 'web', { message })],
      [event('approval.answered', 'mem_a')],
      [event('approval.voted', 'me')],
    ])
      assert.equal(newsOf(approval, fresh, 'me'), null);
    assert.equal(newsOf(decided, [event('approval.execution_started', 'sys')], 'me'), null);
    assert.equal(newsOf(decided, [event('approval.approved', 'me')], 'me'), null);
  });

  it('is one mail for many events, and a confirmation before anything else', () => {
    const run = [event('approval.approved', 'mem_a'), event('approval.executed', 'sys')];
    assert.equal(newsOf({ ...approval, status: 'executed' }, run, 'me'), 'outcome');
    const own = [event('approval.approved', 'me', 'email'), event('approval.executed', 'sys')];
    assert.equal(newsOf({ ...approval, status: 'executed' }, own, 'me'), 'confirmation');
    assert.equal(newsOf(approval, [event('approval.voted', 'me', 'email')], 'me'), 'confirmation');
    const passed = [
      event('approval.voted', 'mem_a'),
      event('approval.delegated', 'mem_a', 'web', { to: 'me' }),
    ];
    assert.equal(newsOf(approval, passed, 'me'), 'delegated');
    assert.equal(newsOf(approval, passed, 'mem_b'), 'changed');
  });
});
