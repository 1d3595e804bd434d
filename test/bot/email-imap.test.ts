/** Mails fetched from a mailbox: a real IMAP client against a small server on the loopback. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { createImapPolling, openImapBox } from '../../bot/email/imap.ts';
import { eventually } from '../support/eventually.ts';
import { type FakeImap, startFakeImap } from '../support/fake-imap.ts';
import { type MailInBench, mailInBench, type Mailed, reply, replyTo } from '../support/mail-in-bench.ts';

const PACE = { look_ms: 60_000, first_pause_ms: 5, longest_pause_ms: 40 };
const QUIET = { info: () => {}, warn: () => {} };

describe('a mailbox', () => {
  let imap: FakeImap;
  let bench: MailInBench;
  let approval: Approval;
  let mail: Mailed;
  before(async () => {
    imap = await startFakeImap();
    bench = await mailInBench({ imap_url: imap.url, imap_pace: PACE });
    const ben = await bench.member('Ben', 'ben@example.com');
    approval = await bench.asked([ben]);
    mail = await bench.mailOf(approval, 'ben@example.com');
  });
  after(async () => {
    await bench.server.stop();
    await imap.stop();
  });

  it('is looked at when something comes; a mail is marked as seen and never deleted', async () => {
    await eventually('the client idling', () => imap.commands.some((line) => line === 'IDLE'));
    const uid = imap.deliver(reply({ to: replyTo(mail), text: 'By IMAP?' }));
    await eventually('the question', async () => (await bench.questions(approval.id)).includes('By IMAP?'));
    await eventually('the flag', () => imap.isSeen(uid));
    assert.equal(imap.count(), 1);
    assert.ok(
      imap.commands.some((line) => /BODY\.PEEK\[\]/.test(line)),
      'looking marks nothing',
    );
    assert.ok(!imap.commands.some((line) => /DELETE|EXPUNGE|MOVE|COPY/i.test(line)));
  });

  it('the same mail by HTTP and by IMAP is one question', async () => {
    const raw = reply({ to: replyTo(mail), text: 'Both ways?' });
    await bench.sent(raw, 'question');
    const uid = imap.deliver(raw);
    await eventually('the flag', () => imap.isSeen(uid));
    assert.equal((await bench.questions(approval.id)).filter((one) => one === 'Both ways?').length, 1);
  });

  it('what does nothing is seen too; what is too large is not fetched whole', async () => {
    const stranger = imap.deliver(reply({ from: 'eve@example.com', to: replyTo(mail) }));
    const large = imap.deliver(reply({ to: replyTo(mail), text: 'x'.repeat(2_000_000) }));
    await eventually('the flags', () => imap.isSeen(stranger) && imap.isSeen(large));
    assert.ok(bench.count('too_large') >= 1);
  });

  it('a lost connection is made again, and what came meanwhile is taken', async () => {
    imap.drop(true);
    const uid = imap.deliver(reply({ to: replyTo(mail), text: 'Meanwhile?' }));
    assert.equal(imap.isSeen(uid), false);
    imap.drop(false);
    await eventually('the question', async () => (await bench.questions(approval.id)).includes('Meanwhile?'));
    await eventually('the flag', () => imap.isSeen(uid));
    assert.equal(imap.connections(), 1);
  });
});

describe('fetching', () => {
  it('INVARIANT: a mail is marked as seen only after it was stored or is known to do nothing', async () => {
    const imap = await startFakeImap();
    const first = imap.deliver(reply({ to: 'a@b.test', text: 'one' }));
    const second = imap.deliver(reply({ to: 'a@b.test', text: 'two' }));
    let broken = true;
    const taken: string[] = [];
    const seen_at_take: boolean[] = [];
    const polling = createImapPolling(
      {
        connect: () => openImapBox(imap.url),
        receive: async (raw) => {
          if (broken) throw new Error('the store is full');
          taken.push(/one|two/.exec(Buffer.from(raw).toString())?.[0] ?? '');
          seen_at_take.push(imap.isSeen(taken.length));
        },
        log: QUIET,
      },
      PACE,
    );
    await eventually(
      'several tries',
      () => imap.commands.filter((line) => line.startsWith('LOGIN')).length > 2,
    );
    assert.deepEqual([imap.isSeen(first), imap.isSeen(second)], [false, false]);
    broken = false;
    await eventually('both', () => imap.isSeen(first) && imap.isSeen(second));
    assert.deepEqual(taken, ['one', 'two'], 'one at a time, oldest first');
    assert.deepEqual(seen_at_take, [false, false]);
    await polling.close();
    await imap.stop();
  });

  it('works with a server that can’t idle, and stops while nothing answers', async () => {
    const imap = await startFakeImap({ idle: false });
    const taken: number[] = [];
    const polling = createImapPolling(
      {
        connect: () => openImapBox(imap.url),
        receive: async (raw) => void taken.push(raw.length),
        log: QUIET,
      },
      { ...PACE, look_ms: 20 },
    );
    await eventually('a first look', () => imap.commands.some((line) => /SEARCH/.test(line)));
    imap.deliver(reply({ to: 'a@b.test' }));
    await eventually('the mail', () => taken.length === 1);
    await polling.close();
    await imap.stop();
    const alone = createImapPolling(
      { connect: () => new Promise(() => {}), receive: async () => {}, log: QUIET },
      PACE,
    );
    await alone.close();
  });

  it('a wrong password is tried again, later and later, and says so', async () => {
    const imap = await startFakeImap();
    const said: string[] = [];
    const polling = createImapPolling(
      {
        connect: () => openImapBox(imap.url.replace('secret', 'wrong')),
        receive: async () => {},
        log: { ...QUIET, warn: (_fields, words) => void said.push(words) },
      },
      PACE,
    );
    await eventually('a few tries', () => said.length > 2);
    assert.deepEqual([...new Set(said)], ['mails can’t be fetched now']);
    await polling.close();
    await imap.stop();
  });
});
