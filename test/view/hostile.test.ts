/**
 * What hostile data can make of the built view, which is nothing.
 *
 * INVARIANT: nothing is hidden or cut silently: "All data" holds every value and its count is right. Nothing that an
 * agent wrote becomes markup, is unseen, leads elsewhere than it says, or is fetched.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { leavesOf } from '../../server/core/card-facts.ts';
import { visible } from '../../server/core/card-text.ts';
import { launchBrowser } from '../support/browser.ts';
import { HOSTILE } from '../support/hostile.ts';
import { openView, type ViewPage } from '../support/view-page.ts';
import { sampleApproval } from '../support/sample-approvals.ts';

type Found = {
  text: string;
  summary: string;
  data: string;
  strange: string[];
  links: string[];
  hosts: string[];
};

/** Everything open, then everything that is there. */
function found(view: ViewPage): Promise<Found> {
  return view.page.locator('human-approval-view').evaluate((host) => {
    const root = host.shadowRoot;
    if (!root) throw new Error('There is no shadow root.');
    for (const details of root.querySelectorAll('details')) details.open = true;
    const all = [...root.querySelectorAll('*')];
    const strange = all.filter(
      (one) =>
        ['IMG', 'SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'VIDEO', 'AUDIO', 'LINK', 'BASE'].includes(
          one.tagName,
        ) ||
        [...one.attributes].some(({ name }) => name === 'style' || name === 'src' || name.startsWith('on')),
    );
    const data = root.querySelector('[part=all-data]');
    return {
      text: root.querySelector('.card')?.textContent ?? '',
      summary: data?.querySelector('summary')?.textContent ?? '',
      data: data?.querySelector('pre')?.textContent ?? '',
      strange: strange.map((one) => one.outerHTML.slice(0, 200)),
      links: [...root.querySelectorAll('a')].map((link) => link.href),
      hosts: [...root.querySelectorAll('.host')].map((one) => one.textContent ?? ''),
    };
  });
}

describe('hostile requests', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  async function shown(over: object): Promise<{ view: ViewPage; seen: Found }> {
    const view = await openView(browser, { width: 320 });
    await view.show(sampleApproval(over));
    return { view, seen: await found(view) };
  }

  for (const { name, over, unshown } of HOSTILE) {
    it(`${name}: nothing hidden, nothing run, nothing fetched`, async () => {
      const { view, seen } = await shown(over);
      const { params, context } = sampleApproval(over);
      const leaves = leavesOf(params).length + leavesOf(context).length;
      const [, total, missing = '0'] =
        /\(([\d,]+) values?(?:, ([\d,]+) not shown above)?\)/.exec(seen.summary) ?? [];
      assert.equal(Number(total), leaves, seen.summary);
      if (unshown === null) assert.ok(Number(missing) > 0 && Number(missing) < leaves, seen.summary);
      else assert.equal(Number(missing), unshown, seen.summary);
      // The data is there to its end, whatever the card made of it.
      assert.equal(seen.data, visible(JSON.stringify(sampleApproval(over), null, 2)));
      assert.deepEqual(seen.strange, []);
      assert.doesNotMatch(seen.text, /[\u202A-\u202E\u2066-\u2069\u200B-\u200F\u00AD\u{E0000}-\u{E007F}]/u);
      for (const link of seen.links) assert.match(link, /^(https:|mailto:)/);
      const wide = await view.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= 320, `${wide} px wide`);
      assert.deepEqual([...view.violations, ...view.requests], []);
      await view.close();
    });
  }

  it('every value of ten thousand is in the facts or counted, and none in both', async () => {
    const { over } = HOSTILE.find(({ name }) => name === 'ten thousand names') ?? {};
    const { view, seen } = await shown(over ?? {});
    const rows = await view.page
      .locator('human-approval-view')
      .evaluate((host) => host.shadowRoot?.querySelectorAll('[part=details] [part=field]').length ?? 0);
    const missing = Number(/, (\d+) not shown/.exec(seen.summary)?.[1] ?? 0);
    assert.equal(rows + missing, 10_000);
    await view.close();
  });

  it('a link says which host it opens, a homograph in the letters that the network sees', async () => {
    const { over } = HOSTILE.find(({ name }) => name === 'addresses that mislead') ?? {};
    const { view, seen } = await shown(over ?? {});
    assert.deepEqual(seen.links, [
      'https://xn--80ak6aa92e.example/login',
      'https://evil.example/?to=javascript%3Aalert(1)',
      'https://evil.example/x',
      'https://track.example/p.png',
    ]);
    const hosts = seen.hosts.join(' ');
    for (const host of ['xn--80ak6aa92e.example', 'evil.example', 'track.example'])
      assert.ok(hosts.includes(host), hosts);
    await view.close();
  });

  it('words that look like ours stay inside of the agent’s frame or a value', async () => {
    const { over } = HOSTILE.find(({ name }) => name === 'words that look like ours') ?? {};
    const { view } = await shown(over ?? {});
    const places = await view.page.locator('human-approval-view').evaluate((host) => {
      const root = host.shadowRoot;
      const holders = [...(root?.querySelectorAll('*') ?? [])].filter(
        (one) => one.children.length === 0 && /Approved|intact|Kim Osei/.test(one.textContent ?? ''),
      );
      return holders.map((one) => one.closest('[part=agent-words], [part=value], [part=all-data]') !== null);
    });
    assert.ok(places.length > 0);
    assert.ok(places.every(Boolean));
    await view.close();
  });
});
