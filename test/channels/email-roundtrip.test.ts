/** Mail there and back: a request through a real SMTP server, its answer by the addresses that stand in it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { channelsOf } from '../../bot/registry.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelDelivery } from '../../schemas/channel.ts';
import type { Member } from '../../schemas/people.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { type LocalSmtp, startLocalSmtp } from '../support/local-smtp.ts';
import { bounce, INBOUND_SECRET, OWN, postMail, reply } from '../support/mail-in-bench.ts';
import { ask, type Running, startCountersign } from '../support/server.ts';

describe('mail there and back', () => {
  let smtp: LocalSmtp;
  let server: Running;
  let ben: Member;
  before(async () => {
    smtp = await startLocalSmtp();
    const email = {
      from: { name: 'Countersign', address: OWN },
      smtp: { host: '127.0.0.1', port: smtp.port, tls: 'never', auth: null },
      dkim: null,
      replies: true,
      inbound_secret: INBOUND_SECRET,
    } as const;
    server = await startCountersign({ channels: channelsOf({ slack: null, email, console: false }) });
    const made = await admin<Member>('POST', '/v1/members', {
      name: 'Ben',
      email: 'ben@example.com',
      role: 'reviewer',
    });
    ben = made.body;
  });
  after(async () => {
    await server.stop();
    await smtp.stop();
  });
  const admin = <T>(method: string, path: string, body?: unknown) =>
    call<T>(server.url, server.keys.personal, method, path, body);
  const mailed = async () => {
    const approval = await ask(server, { assignees: [ben.id] });
    const { raw, from } = await eventually('the mail', () =>
      smtp.mails.find(({ parsed }) => parsed.messageId?.includes(approval.id)),
    );
    return { approval, mail: { raw: raw.toString('utf8'), from } };
  };
  const header = (mail: { raw: string }, name: string) =>
    (new RegExp(`^${name}:((?:[^\r\n]|\r\n[ \t])+)`, 'im').exec(mail.raw)?.[1] ?? '')
      .replaceAll(/\r\n\s+/g, ' ')
      .trim();
  const questions = async ({ id }: Approval) => {
    const { body } = await admin<{ items: { kind: string; content: string }[] }>(
      'GET',
      `/v1/approvals/${id}/messages`,
    );
    return body.items.filter(({ kind }) => kind === 'question').map(({ content }) => content);
  };

  it('M5: the Reply-To of a mail takes a reply above its own words, and the mail itself sent back does nothing', async () => {
    const { approval, mail } = await mailed();
    const to = /<?([^<>\s]+@[^<>\s]+)>?$/.exec(header(mail, 'Reply-To'))?.[1] ?? '';
    assert.match(to, /^approvals\+q-[0-9a-z]{43}@example\.com$/);
    assert.equal((await postMail(server.url, mail.raw.replace(/^To: .*$/im, `To: ${to}`))).status, 202);
    await eventually('our own mail being known', () => server.cases.inbound_mail.counts()['own_mail'] === 1);
    const old = mail.raw
      .split('\r\n')
      .map((line) => `> ${line}`)
      .join('\n');
    const text = `Why now?\n\nOn Wed, 25 Nov 2026 at 10:00, Countersign <${OWN}> wrote:\n\n${old}`;
    assert.equal((await postMail(server.url, reply({ to, text }))).status, 202);
    await eventually('the question', async () => (await questions(approval)).length > 0);
    assert.deepEqual(await questions(approval), ['Why now?']);
  });

  it('M6: the return path of a mail takes its delivery report, and the approval says so', async () => {
    const { approval, mail } = await mailed();
    const token = /^approvals\+b-([0-9a-z]{43})@example\.com$/.exec(mail.from)?.[1];
    assert.ok(token, mail.from);
    assert.equal((await postMail(server.url, bounce({ bounce: token }))).status, 202);
    const failed = await eventually('the failure', async () => {
      const { body } = await admin<{ items: ChannelDelivery[] }>(
        'GET',
        `/v1/approvals/${approval.id}/deliveries`,
      );
      return body.items.find(({ state }) => state === 'failed');
    });
    assert.equal(failed.error, 'could not reach ben@example.com: 550 5.1.1 no such user');
    assert.equal((await admin('POST', `/v1/members/${ben.id}/mailbox`, {})).status, 200);
  });

  it('M8: the List-Unsubscribe of a mail takes the one-click POST', async () => {
    const { mail } = await mailed();
    const url = /<(https?:[^>]+)>/.exec(header(mail, 'List-Unsubscribe'))?.[1] ?? '';
    assert.match(header(mail, 'List-Unsubscribe-Post'), /^List-Unsubscribe=One-Click$/);
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'List-Unsubscribe=One-Click',
    });
    assert.equal(response.status, 200);
    const { body } = await admin<{ muted_until: string | null }>('GET', `/v1/members/${ben.id}/mailbox`);
    assert.ok(body.muted_until);
  });
});
