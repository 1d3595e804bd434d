/** What ends with time or with a member's address: tokens, the hour's room, and what cannot be passed on, on both engines. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { MailLinks, Notice } from '../../server/core/channel-ports.ts';
import type { InboundMail } from '../../server/core/inbound-mail.ts';
import type { Store } from '../../server/core/ports.ts';
import { hashOf } from '../../server/app/mail-tokens.ts';
import { openStore } from '../../server/store/index.ts';
import { channelWorld, furnish, type World } from '../support/channel-world.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { cleo, WORKSPACE } from '../support/kernel.ts';
import { ENGINES, newStore } from '../support/server.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const BEN = 'ben@example.com';
const WEEK_S = 7 * 86_400;

for (const engine of ENGINES) {
  describe(`mails and time on ${engine}`, () => {
    let store: Store;
    let drop: () => Promise<void>;
    let world: World;
    const told: Notice[] = [];
    let n = 0;
    before(async () => {
      const made = await newStore(engine);
      drop = made.drop;
      store = await openStore(made.store);
      await furnish(store, { email: BEN, slack_user: 'U1' });
      const { channel } = fakeChannel('email');
      const notify = async (_to: unknown, notice: Notice) => void told.push(notice);
      world = channelWorld({ store, channels: [{ channel: { ...channel, notify }, default_to: null }] });
    });
    after(async () => {
      await store.close();
      await drop();
    });

    const asked = async () => {
      const approval = await world.ask({ expires_in_s: WEEK_S });
      const to = { workspace_id: WORKSPACE, channel: 'email', to: BEN } as const;
      const links = await world.cases().mail_tokens.links(to, approval);
      assert.ok(links);
      return { approval, links };
    };
    const mail = ({ reply }: Pick<MailLinks, 'reply'>, more: Partial<InboundMail> = {}): InboundMail => ({
      from: BEN,
      envelope_from: null,
      message_id: `<${++n}@mail>`,
      in_reply_to: null,
      references: [],
      reply_tokens: [reply],
      bounce_tokens: [],
      marks: [],
      text: 'Why?',
      attachments: [],
      reports: [],
      ...more,
    });
    const judged = (one: InboundMail) => world.cases().inbound_mail.refusalOf(one);
    const taken = (one: InboundMail) => world.cases().inbound_mail.take(one, `key:${n}`);

    it('a reply address works for 30 days, a bounce address for 14, and then no more', async () => {
      const { links } = await asked();
      const back = mail(links, { reply_tokens: [], bounce_tokens: [links.bounce], marks: ['report'] });
      world.clock.jump(14 * DAY_MS - 1);
      assert.deepEqual([await judged(mail(links)), await judged(back)], [null, null]);
      world.clock.jump(1);
      assert.deepEqual([await judged(mail(links)), await judged(back)], [null, 'old_token']);
      world.clock.jump(16 * DAY_MS);
      assert.deepEqual([await judged(mail(links)), await taken(mail(links))], ['old_token', 'old_token']);
    });

    it('a token that was revoked, and one that went to an address that is the member’s no more, are nobody’s', async () => {
      const { approval, links } = await asked();
      const token = await world.cases().mail_tokens.find('reply', links.reply);
      assert.ok(token);
      const old = { ...token, hash: hashOf('moved'), sent_to: 'ben@before.example.com' };
      await store.tx((t) => t.mail_tokens.insert(old));
      assert.equal(await judged(mail({ reply: 'moved' }, { from: 'ben@before.example.com' })), 'no_member');
      assert.equal(await judged(mail({ reply: 'moved' })), 'other_sender');
      const now = world.clock.now();
      await store.tx((t) => t.mail_tokens.revoke(WORKSPACE, token.member_id, approval.id, now));
      assert.equal(await judged(mail(links)), 'old_token');
    });

    it('an hour after the first of twenty there is room for one more', async () => {
      const { links } = await asked();
      for (let k = 0; k < 20; k++) {
        assert.equal(await taken(mail(links)), 'question');
        world.clock.jump(60_000);
      }
      assert.equal(await taken(mail(links)), 'too_many');
      world.clock.jump(40 * 60_000);
      assert.equal(await taken(mail(links)), 'question');
      assert.equal(await taken(mail(links)), 'too_many');
    });

    it('the same Message-ID takes one place and asks one question', async () => {
      const { approval, links } = await asked();
      const one = mail(links);
      for (let k = 0; k < 25; k++) assert.equal(await taken(one), 'question');
      assert.equal(await taken(mail(links)), 'question');
      const messages = await world.cases().door.messages(cleo, approval.id);
      assert.ok(Array.isArray(messages));
      assert.equal(messages.filter(({ kind }) => kind === 'question').length, 2);
    });

    it('who can’t be heard is told so once, with a link', async () => {
      const { links } = await asked();
      told.length = 0;
      await world.cases().inbound_mail.lost(mail(links));
      await world.cases().inbound_mail.lost(mail(links));
      await world.cases().inbound_mail.lost(mail({ reply: 'never' }));
      await world.run();
      assert.equal(told.length, 1);
      assert.ok(told[0]?.kind === 'link');
      assert.match(told[0].why, /could not be passed on/);
    });
  });
}
