/** Replies and bounces on both engines: what becomes a question, what becomes nothing, and who is told elsewhere. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Member } from '../../schemas/people.ts';
import { ChannelError } from '../../server/core/channel-ports.ts';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import {
  bounce,
  type MailInBench,
  mailInBench,
  type Mailed,
  OWN,
  reply,
  replyTo,
  type Written,
} from '../support/mail-in-bench.ts';
import { ENGINES } from '../support/server.ts';

for (const engine of ENGINES) {
  describe(`mails that come in on ${engine}`, () => {
    let bench: MailInBench;
    let ben: Member;
    let ana: Member;
    let approval: Approval;
    let mail: Mailed;

    before(async () => {
      bench = await mailInBench({ engine });
      ben = await bench.member('Ben', 'ben@example.com');
      ana = await bench.member('Ana', 'Ana@Example.com', 'UANA');
      approval = await bench.asked([ben]);
      mail = await bench.mailOf(approval, 'ben@example.com');
    });
    after(() => bench.server.stop());

    const fresh = async (more: Record<string, unknown> = {}) => {
      const made = await bench.asked([ben], more);
      return { made, its: await bench.mailOf(made, 'ben@example.com') };
    };
    const statusOf = async (id: string) =>
      (await bench.admin<Approval>('GET', `/v1/approvals/${id}`)).body.status;

    it('M5: a reply with the token from the address it was sent to is one question, in every channel once, and is not mailed back', async () => {
      const both = await bench.asked([ben, ana]);
      const its = await bench.mailOf(both, 'ben@example.com');
      await bench.mailOf(both, 'Ana@Example.com');
      const raw = reply({
        to: replyTo(its),
        text: 'Why so much?\n\nOn Wed, 25 Nov 2026 Approvals wrote:\n> old',
      });
      await bench.sent(raw, 'question');
      assert.deepEqual(await bench.questions(both.id), ['Why so much?']);
      assert.equal(await statusOf(both.id), 'asked_question');
      const said = (to: string) =>
        bench.email.cards.find((one) => one.approval_id === both.id && one.to === to)?.said ?? [];
      const others = await eventually('what Ana hears', () => {
        const heard = said('Ana@Example.com');
        return heard.length > 1 && heard;
      });
      assert.equal(others.filter(({ content }) => content === 'Why so much?').length, 1);
      await eventually('the answer for Ben', () => said('ben@example.com').length > 0);
      assert.ok(!said('ben@example.com').some(({ content }) => content === 'Why so much?'), 'mailed back');
      const { body } = await bench.admin<{ items: { author: { id: string } }[] }>(
        'GET',
        `/v1/approvals/${both.id}/messages`,
      );
      assert.equal(body.items[0]?.author.id, ben.id);
      await bench.sent(raw, 'copy');
      assert.equal((await bench.questions(both.id)).length, 1);
    });

    it('M5: a question by mail joins a Slack card once', async () => {
      const { admin } = bench;
      await admin('PUT', '/v1/settings', { notify: { channels: ['slack', 'email'], slack_channel: null } });
      const both = await bench.asked([ben, ana]);
      const its = await bench.mailOf(both, 'ben@example.com');
      const card = await eventually('the Slack card', () =>
        bench.slack.cards.find((one) => one.approval_id === both.id),
      );
      await admin('PUT', '/v1/settings', { notify: { channels: ['email', 'slack'], slack_channel: null } });
      await bench.sent(reply({ to: replyTo(its), text: 'By mail' }), 'question');
      await eventually('the words in Slack', () => card.said.length > 1);
      assert.equal(card.said.filter(({ content }) => content === 'By mail').length, 1);
    });

    const senders: [string, Partial<Written>][] = [
      ['in another case', { from: 'BEN@EXAMPLE.COM' }],
      ['with a plus tag', { from: 'ben+work@example.com' }],
      ['with the envelope in agreement', { more: ['Return-Path: <ben@example.com>'] }],
      ['with a BATV envelope', { more: ['Return-Path: <prvs=0123abcd=ben@example.com>'] }],
      ['with Auto-Submitted: no', { more: ['Auto-Submitted: no'] }],
    ];
    for (const [what, written] of senders) {
      it(`M5: the bound sender ${what} is heard`, async () => {
        const { made, its } = await fresh();
        await bench.sent(reply({ to: replyTo(its), ...written }), 'question');
        assert.equal((await bench.questions(made.id)).length, 1);
      });
    }

    const nothing: [string, string, (its: Mailed) => Partial<Written>][] = [
      ['another sender', 'other_sender', () => ({ from: 'Eve <eve@example.com>' })],
      ['another member', 'other_sender', () => ({ from: 'ana@example.com' })],
      [
        'a sender whose name is the address',
        'other_sender',
        () => ({ from: '"ben@example.com" <eve@evil.test>' }),
      ],
      ['another envelope sender', 'other_sender', () => ({ more: ['Return-Path: <eve@evil.test>'] })],
      ['two senders', 'no_sender', () => ({ from: 'ben@example.com, eve@evil.test' })],
      ['two From headers', 'no_sender', () => ({ more: ['From: eve@evil.test'] })],
      ['no token', 'no_token', () => ({ to: OWN })],
      [
        'a token that never was',
        'unknown_token',
        () => ({ to: `approvals+q-${'a'.repeat(43)}@example.com` }),
      ],
      ['a token of another purpose', 'unknown_token', (its) => ({ to: replyTo({ reply: its.bounce }) })],
      [
        'the token at another domain',
        'no_token',
        (its) => ({ to: replyTo(its).replace('example.com', 'evil.test') }),
      ],
      ['nothing but a quote', 'empty', () => ({ text: '> old\n> older' })],
      ['an answering machine', 'auto_submitted', () => ({ more: ['Auto-Submitted: auto-replied'] })],
      ['bulk mail', 'precedence', () => ({ more: ['Precedence: bulk'] })],
      ['Precedence: auto_reply', 'precedence', () => ({ more: ['Precedence: auto_reply'] })],
      [
        'X-Auto-Response-Suppress',
        'auto_response_suppress',
        () => ({ more: ['X-Auto-Response-Suppress: All'] }),
      ],
      ['X-Autoreply', 'autoreply', () => ({ more: ['X-Autoreply: yes'] })],
      ['a mailing list', 'list', () => ({ more: ['List-Id: <people.example.com>'] })],
      ['an empty return path', 'empty_return_path', () => ({ more: ['Return-Path: <>'] })],
      ['our own mail', 'own_mail', () => ({ from: `Approvals <${OWN}>` })],
      [
        'our own mail, sent on',
        'own_mail',
        () => ({ more: ['Auto-Submitted: auto-generated'], message_id: '<apr_1.ben.request@example.com>' }),
      ],
      [
        'a multipart/report',
        'report',
        () => ({
          body: 'Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: text/plain\n\nhm\n--x--\n',
        }),
      ],
    ];
    for (const [what, outcome, written] of nothing) {
      it(`M5: ${what} makes nothing, and is counted as ${outcome}`, async () => {
        const earlier = (await bench.questions(approval.id)).length;
        await bench.sent(reply({ to: replyTo(mail), ...written(mail) }), outcome);
        assert.equal((await bench.questions(approval.id)).length, earlier);
        assert.equal(await statusOf(approval.id), 'pending');
      });
    }

    it('M5: a token that is over, and one of a member whose address changed or who left, make nothing', async () => {
      const eve = await bench.member('Eve', 'eve@example.com');
      const made = await bench.asked([eve]);
      const its = await bench.mailOf(made, 'eve@example.com');
      assert.equal((await bench.admin('DELETE', `/v1/members/${eve.id}`)).status, 204);
      await bench.sent(reply({ from: 'eve@example.com', to: replyTo(its) }), 'no_member');
      assert.deepEqual(await bench.questions(made.id), []);
    });

    const verdicts = [
      'approve',
      'Approved!',
      'YES, go ahead',
      'ok',
      'deny',
      'Genehmigt.',
      'Oui',
      'Aprobado',
      '承認します',
    ];
    it('M5: "approve" in a reply never decides: it is a question, and its writer is told once, with a fresh link', async () => {
      const { made, its } = await fresh();
      const earlier = bench.told.length;
      for (const text of verdicts) await bench.sent(reply({ to: replyTo(its), text }), 'question');
      assert.deepEqual(await bench.questions(made.id), verdicts);
      assert.equal(await statusOf(made.id), 'asked_question');
      const told = await eventually('the notice', () => bench.told.slice(earlier)[0]);
      assert.equal(told.to, 'ben@example.com');
      assert.ok(told.notice.kind === 'link');
      assert.match(told.notice.why, /never decides/);
      assert.match(told.notice.url, /\/r\/[0-9A-Za-z]{43}$/);
      assert.notEqual(told.notice.url, its.review_url);
      const asked = await bench.asked([ana]);
      await bench.mailOf(asked, 'Ana@Example.com');
      assert.equal(bench.told.length, earlier + 1, 'told once');
    });

    it('whoever replies when it is over is told once what became of it, and asks nothing', async () => {
      const { made, its } = await fresh();
      await call(bench.server.url, bench.server.keys.personal, 'POST', `/v1/approvals/${made.id}/deny`, {});
      const earlier = bench.told.length;
      await bench.sent(reply({ to: replyTo(its) }), 'closed');
      await bench.sent(reply({ to: replyTo(its) }), 'closed');
      const told = await eventually('the notice', () => bench.told.slice(earlier)[0]);
      assert.ok(told.notice.kind === 'link');
      assert.match(told.notice.why, /^It is over: denied by .+ through the API at 20\d\d-/);
      assert.equal(told.notice.url, made.url, 'nothing is left to decide by a link');
      assert.deepEqual(await bench.questions(made.id), []);
      assert.equal(bench.told.length, earlier + 1);
    });

    it('attachments are mentioned in the question and not kept', async () => {
      const { made, its } = await fresh();
      const body = `Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain

See these
--m
Content-Type: application/pdf; name="a.pdf"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename="a.pdf"

${Buffer.alloc(30_000, 'SECRET').toString('base64')}
--m
Content-Type: image/png
Content-Disposition: attachment; filename="b\u202Egnp.png"

x
--m--
`;
      await bench.sent(reply({ to: replyTo(its), body }), 'question');
      assert.deepEqual(await bench.questions(made.id), [
        'See these\n\n[2 attachments were not kept: a.pdf (30 kB), b gnp.png (1 byte)]',
      ]);
    });

    it('of one approval at most 20 mails an hour are questions', async () => {
      const { made, its } = await fresh();
      for (let n = 0; n < 20; n++)
        await bench.sent(reply({ to: replyTo(its), text: `Why ${n}?` }), 'question');
      await bench.sent(reply({ to: replyTo(its), text: 'Why 20?' }), 'too_many');
      assert.equal((await bench.questions(made.id)).length, 20);
    });

    for (const when of ['before', 'after'] as const) {
      it(`a mail that was taken is done once, also when doing it fails ${when} it was done`, async () => {
        const { made, its } = await fresh();
        bench.failTakes(1, when);
        const response = await bench.post(reply({ to: replyTo(its), text: 'Again?' }));
        assert.equal(response.status, 202, 'it is kept');
        const sure = bench.count('question') + (when === 'before' ? 1 : 2);
        await eventually('the second try', () => bench.count('question') >= sure);
        assert.deepEqual(await bench.questions(made.id), ['Again?']);
      });
    }

    it('loops: our own mails sent back a hundred times make nothing', async () => {
      const { made, its } = await fresh();
      const told = bench.told.length;
      const earlier = bench.count('own_mail');
      const ours = ['Auto-Submitted: auto-generated', 'X-Auto-Response-Suppress: All'];
      for (let n = 0; n < 100; n++) {
        const message_id = `<${made.id}.${n}.request@example.com>`;
        const response = await bench.post(reply({ from: OWN, to: replyTo(its), more: ours, message_id }));
        assert.equal(response.status, 202);
      }
      assert.equal(bench.count('own_mail'), earlier + 100);
      assert.deepEqual(await bench.questions(made.id), []);
      assert.equal(bench.told.length, told);
    });

    describe('bounces', () => {
      const own = async (name: string, slack = true) => {
        const address = `${name}@example.com`;
        const member = await bench.member(name, address, slack ? `U${name.toUpperCase()}` : undefined);
        const made = await bench.asked([member]);
        return { member, address, made, its: await bench.mailOf(made, address) };
      };
      const boxOf = async ({ id }: Member) =>
        (
          await bench.admin<{ dead_at: string | null; dead_reason: string | null }>(
            'GET',
            `/v1/members/${id}/mailbox`,
          )
        ).body;
      const slackCard = (id: string) =>
        eventually('the card in the next channel', () =>
          bench.slack.cards.find((one) => one.approval_id === id),
        );

      it('M6: a bounce marks the address dead, shows on every open approval, and leads to the next channel', async () => {
        const { member, address, made, its } = await own('carl');
        const second = await bench.asked([member]);
        await bench.mailOf(second, address);
        await bench.sent(bounce(its, { recipient: address }), 'bounce');
        await slackCard(made.id);
        await slackCard(second.id);
        for (const { id } of [made, second]) {
          const [mailed] = (await bench.deliveries(id)).filter(({ channel }) => channel === 'email');
          assert.equal(mailed?.state, 'failed');
          assert.equal(mailed?.error, `could not reach ${address}: 550 5.1.1 no such user`);
        }
        const { dead_at, dead_reason } = await boxOf(member);
        assert.ok(dead_at);
        assert.equal(dead_reason, '550 5.1.1 no such user');
        const third = await bench.asked([member]);
        await slackCard(third.id);
        const [never] = await bench.deliveries(third.id);
        assert.match(
          never?.error ?? '',
          /^Mails to this address come back since 20.+: 550 5.1.1 no such user$/,
        );
        assert.ok(!bench.mailed.some(({ approval_id }) => approval_id === third.id), 'never mailed');
        assert.equal((await boxOf(member)).dead_reason, '550 5.1.1 no such user', 'the first reason stays');
      });

      it('an admin brings a dead address back; nobody else does, and only the member sees it besides', async () => {
        const { member, its } = await own('dora');
        await bench.sent(bounce(its), 'bounce');
        const path = `/v1/members/${member.id}/mailbox`;
        const key = await bench.admin<{ key: string }>('POST', '/v1/keys', {
          kind: 'personal',
          name: 'Dora',
          member_id: member.id,
        });
        const as = (token: string, method: string, body?: unknown) =>
          call(bench.server.url, token, method, path, body);
        assert.equal((await as(key.body.key, 'GET')).status, 200);
        assert.equal((await as(key.body.key, 'POST', {})).status, 403);
        assert.equal((await as(bench.server.keys.agent, 'GET')).status, 403);
        const revived = await bench.admin<{ dead_at: null }>('POST', path, {});
        assert.deepEqual([revived.status, revived.body.dead_at], [200, null]);
        assert.equal((await bench.admin('POST', '/v1/members/mem_00000000/mailbox', {})).status, 404);
        const next = await bench.asked([member]);
        await bench.mailOf(next, 'dora@example.com');
      });

      it('another refusal for good is a failure of that card alone; a delay is only noted', async () => {
        const { member, address, made, its } = await own('emil');
        const second = await bench.asked([member]);
        const other = await bench.mailOf(second, address);
        await bench.sent(
          bounce(its, { status: '5.7.1', diagnostic: '550 5.7.1 refused by policy' }),
          'bounce',
        );
        await slackCard(made.id);
        assert.equal((await boxOf(member)).dead_at, null);
        await bench.sent(
          bounce(other, { action: 'delayed', status: '4.4.1', diagnostic: '451 try later' }),
          'delayed',
        );
        const [mailed, ...more] = await bench.deliveries(second.id);
        assert.deepEqual([mailed?.state, more.length], ['posted', 0]);
        assert.match(mailed?.error ?? '', /451 try later/);
        await bench.sent(bounce(other, { action: 'delivered', status: '2.0.0' }), 'delivered');
      });

      it('a report with an unknown token, one without a token, and a vacation note to a bounce address do nothing', async () => {
        const { member, its } = await own('fay');
        await bench.sent(bounce({ bounce: 'b'.repeat(43) }), 'unknown_token');
        await bench.sent(bounce(its).replace(/approvals\+b-\w+@/, 'approvals@'), 'report');
        const to = `approvals+b-${its.bounce}@example.com`;
        const away = reply({
          from: 'fay@example.com',
          to,
          more: ['Auto-Submitted: auto-replied'],
          text: 'I am away',
        });
        await bench.sent(away, 'auto_submitted');
        await bench.sent(reply({ from: 'fay@example.com', to }), 'no_token');
        assert.equal((await boxOf(member)).dead_at, null);
      });

      it('M6: a permanent refusal at sending marks the address dead too', async () => {
        const member = await bench.member('Gil', 'gil@example.com', 'UGIL');
        const refused = new ChannelError('refused', 'The mail server refused: 550 5.1.1 no such user');
        bench.refuse((to) => (to === 'gil@example.com' ? refused : null));
        const made = await bench.asked([member]);
        await slackCard(made.id);
        bench.refuse(null);
        const box = await eventually('the dead address', async () => {
          const now = await boxOf(member);
          return now.dead_at !== null && now;
        });
        assert.match(box.dead_reason ?? '', /no such user/);
        const [mailed] = await bench.deliveries(made.id);
        assert.equal(mailed?.state, 'failed');
      });
    });
  });
}
