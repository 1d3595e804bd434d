/** Muting: the one-click POST of mail programs, the page with its buttons, and what neither of them tells. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Member } from '../../schemas/people.ts';
import { type MailInBench, mailInBench, type Mailed } from '../support/mail-in-bench.ts';
import { ENGINES } from '../support/server.ts';

const DAY_MS = 86_400_000;
const ONE_CLICK = 'List-Unsubscribe=One-Click';

for (const engine of ENGINES) {
  describe(`muting mails on ${engine}`, () => {
    let bench: MailInBench;
    let ben: Member;
    let mail: Mailed;
    before(async () => {
      bench = await mailInBench({ engine });
      ben = await bench.member('Ben', 'ben@example.com');
      mail = await bench.mailOf(await bench.asked([ben]), 'ben@example.com');
    });
    after(() => bench.server.stop());
    type Box = { address: string; muted_until: string | null; digests_since: string | null };
    const box = async () => (await bench.admin<Box>('GET', `/v1/members/${ben.id}/mailbox`)).body;
    const post = (url: string, body: string, type = 'application/x-www-form-urlencoded', more = {}) =>
      fetch(url, { method: 'POST', headers: { 'content-type': type, ...more }, body });
    const wish = (one: string) => post(mail.mute_url, `wish=${one}`);
    const madeUp = () => mail.mute_url.replace(/[^/]+$/, 'x'.repeat(43));

    it('M8: GET and HEAD, however often and however prefetched, change nothing', async () => {
      for (const method of ['GET', 'HEAD']) {
        for (let n = 0; n < 10; n++) {
          const response = await fetch(mail.mute_url, { method, headers: { 'sec-purpose': 'prefetch' } });
          assert.equal(response.status, 200);
        }
      }
      assert.deepEqual(await box(), {
        address: 'ben@example.com',
        dead_at: null,
        dead_reason: null,
        muted_until: null,
        digests_since: null,
      });
    });

    it('M8: the one-click POST works without login, cookie or nonce, and mutes for a day', async () => {
      const response = await post(mail.mute_url, ONE_CLICK);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get('set-cookie'), null);
      const { muted_until } = await box();
      const left_ms = Date.parse(muted_until ?? '') - Date.now();
      assert.ok(left_ms > DAY_MS - 60_000 && left_ms <= DAY_MS, String(left_ms));
      await wish('again');
      const multipart = `--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n`;
      await post(mail.mute_url, multipart, 'multipart/form-data; boundary=b', {
        origin: 'https://mail.example',
      });
      assert.ok((await box()).muted_until);
      await wish('again');
    });

    it('the page offers a day, digests, and mail again; each does what it says', async () => {
      const page = await (await fetch(mail.mute_url)).text();
      for (const words of ['Mute for a day', 'Only digests until I change it', 'Mail me again'])
        assert.ok(page.includes(words), words);
      assert.equal((await wish('day')).status, 200);
      assert.equal((await wish('digests')).status, 200);
      const both = await box();
      assert.ok(both.muted_until && both.digests_since);
      assert.equal((await wish('again')).status, 200);
      const { muted_until, digests_since } = await box();
      assert.deepEqual([muted_until, digests_since], [null, null]);
    });

    it('M8: nothing is disclosed: any token gets the same page and the same answer', async () => {
      const seen = async (response: Response) => {
        const { date: _date, ...head } = Object.fromEntries(response.headers);
        return [response.status, head, (await response.text()).replaceAll(/[A-Za-z0-9]{43}/g, 'T')];
      };
      assert.deepEqual(await seen(await fetch(mail.mute_url)), await seen(await fetch(madeUp())));
      for (const body of [ONE_CLICK, 'wish=day', 'wish=digests', 'wish=again', 'wish=constructor', ''])
        assert.deepEqual(
          await seen(await post(mail.mute_url, body)),
          await seen(await post(madeUp(), body)),
          body,
        );
      const page = await (await fetch(mail.mute_url)).text();
      assert.doesNotMatch(page, /Ben|ben@|Pay the invoice/);
    });

    it('a form without a wish changes nothing and is asked again; a token of another purpose mutes nobody', async () => {
      assert.equal((await post(mail.mute_url, 'wish=all')).status, 400);
      for (const token of [mail.reply, mail.bounce, mail.review_url.split('/').at(-1)])
        await post(mail.mute_url.replace(/[^/]+$/, token ?? ''), ONE_CLICK);
      assert.equal((await box()).muted_until, null);
      const large = await post(mail.mute_url, `wish=day&x=${'x'.repeat(10_000)}`);
      assert.equal(large.status, 413);
      assert.equal((await box()).muted_until, null);
    });

    it('the page carries no-referrer, no-store and a strict policy, and loads nothing from elsewhere', async () => {
      const response = await fetch(mail.mute_url);
      assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.match(
        response.headers.get('content-security-policy') ?? '',
        /default-src 'self'.*frame-ancestors 'none'/,
      );
      assert.doesNotMatch(await response.text(), /(?:src|href)="(?:https?:)?\/\//);
    });
  });
}
