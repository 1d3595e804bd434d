/**
 * The view for other readers and other media: right to left, other digits and words of numbers, other zones, print,
 * forced colours, reduced motion.
 *
 * INVARIANT: on paper stands what a record needs: every value, the whole of it, and none of what only works on a screen.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { EXAMPLES } from '../../schemas/examples.ts';
import { leavesOf } from '../../server/core/card-facts.ts';
import { decisionBy } from '../components/fake-client.ts';
import { launchBrowser } from '../support/browser.ts';
import { matchesGolden } from '../support/golden.ts';
import { exampleApproval, openView, TALL, type ViewPage } from '../support/view-page.ts';

let browser: Browser;
before(async () => {
  browser = await launchBrowser();
});
after(() => browser.close());

/** What is on the page for the eye, without what is set aside for ears. */
function seen(view: ViewPage): Promise<string> {
  return view.page.locator('human-approval-view').evaluate((host) => {
    const text = host.shadowRoot?.querySelector<HTMLElement>('.card')?.innerText ?? '';
    return text.replace(/\s+/g, ' ');
  });
}

function sideways(view: ViewPage): Promise<number> {
  return view.page.evaluate(() => document.documentElement.scrollWidth);
}

describe('other languages', () => {
  it('German: points and commas, euros behind the number, days before months', async () => {
    const view = await openView(browser, { lang: 'de-DE', locale: 'de-DE' });
    await view.show(exampleApproval('financial', 0));
    const text = await seen(view);
    for (const part of ['12.400,00 €', '0,35 €', '30.11.2026', '04.03.2021', 'vor 12 Min'])
      assert.ok(text.includes(part), `${part} is missing: ${text}`);
    await view.close();
  });

  it('Arabic from right to left: Arabic digits, nothing sideways, code and links from left to right', async () => {
    for (const width of [320, 900]) {
      const view = await openView(browser, { lang: 'ar-EG', dir: 'rtl', locale: 'ar-EG', width });
      await view.show(exampleApproval('financial', 0));
      const text = await seen(view);
      assert.match(text, /١٢٬٤٠٠٫٠٠/);
      assert.doesNotMatch(text, /12,400\.00/);
      assert.ok((await sideways(view)) <= width);
      await view.show(exampleApproval('code_change', 0));
      assert.ok((await sideways(view)) <= width);
      const facts = await view.page.locator('human-approval-view').evaluate((host) => {
        const at = (selector: string) => host.shadowRoot?.querySelector(selector);
        const style = (selector: string) => getComputedStyle(at(selector) ?? host);
        const [deny, approve] = ['.deny', '.approve'].map(
          (one) => at(one)?.getBoundingClientRect().left ?? 0,
        );
        return {
          edge: style('.card').borderRightWidth,
          code: style('pre.code.diff').direction,
          mirrored: (deny ?? 0) > (approve ?? 0),
        };
      });
      assert.deepEqual(facts, { edge: '4px', code: 'ltr', mirrored: true });
      await view.close();
    }
  });

  it('Arabic is read as ever', async () => {
    const view = await openView(browser, { lang: 'ar-EG', dir: 'rtl', locale: 'ar-EG', height: TALL });
    await view.show(exampleApproval('financial', 0));
    matchesGolden('aria/states/arabic.txt', await view.aria());
    await view.close();
  });

  it('the zone is the one asked for, and is named', async () => {
    const view = await openView(browser, { timezoneId: 'America/New_York' });
    await view.show(exampleApproval('financial', 0));
    // Node and the browser may name the zone by letters or by its distance.
    assert.match(await seen(view), /20 Nov 2026, 04:30 (GMT-5|EST)/);
    await view.show(exampleApproval('financial', 0), { timeZone: 'Asia/Kolkata' });
    assert.match(await seen(view), /20 Nov 2026, 15:00 (GMT\+5:30|IST)/);
    await view.show(exampleApproval('financial', 0), { timeZone: 'Nowhere/Never' });
    assert.match(await seen(view), /20 Nov 2026, 04:30/);
    await view.close();
  });

  it('a locale that there is none of falls back to the reader’s own', async () => {
    const view = await openView(browser);
    await view.show(exampleApproval('financial', 0), { locale: 'no such locale' });
    assert.match(await seen(view), /€12,400\.00/);
    await view.close();
  });
});

describe('other media', () => {
  it('reduced motion: there is no motion to reduce', async () => {
    const view = await openView(browser, { reducedMotion: 'reduce' });
    await view.show(exampleApproval('financial', 0));
    await view.page.getByRole('button', { name: 'Edit values' }).click();
    const moving = await view.page.locator('human-approval-view').evaluate((host) => {
      const all = [...(host.shadowRoot?.querySelectorAll('*') ?? [])].map((one) => getComputedStyle(one));
      const still = (style: CSSStyleDeclaration): boolean =>
        style.animationName === 'none' && /^(0s|all)/.test(style.transitionDuration);
      return document.getAnimations().length + all.filter((style) => !still(style)).length;
    });
    assert.equal(moving, 0);
    await view.close();
  });

  it('forced colours: edges, badges and the button that is off stay told apart without our colours', async () => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const view = await openView(browser, { forcedColors: 'active', colorScheme });
      await view.show(exampleApproval('deployment', 0, { risk_level: 'critical' }));
      const looks = await view.page.locator('human-approval-view').evaluate((host) => {
        const style = (selector: string) =>
          getComputedStyle(host.shadowRoot?.querySelector(selector) ?? host);
        return {
          badge: style('.badge').borderTopStyle,
          edge: style('.card').borderLeftWidth,
          bar: style('.bar').borderTopStyle,
          off: style('.approve').color === style('.deny').color,
        };
      });
      assert.deepEqual(looks, { badge: 'solid', edge: '4px', bar: 'solid', off: false });
      await view.close();
    }
  });
});

describe('on paper', () => {
  const decided = {
    status: 'executed',
    decided_at: '2026-11-20T09:40:00.000Z',
    decision: decisionBy('Kim Osei', 'approve', {
      reason: 'As agreed',
      decided_at: '2026-11-20T09:40:00.000Z',
    }),
    execution: {
      state: 'executed',
      attempts: 1,
      result: { lines: Array.from({ length: 90 }, (_, n) => `line ${n}`) },
      error: null,
      started_at: '2026-11-20T09:40:01.000Z',
      finished_at: '2026-11-20T09:40:02.000Z',
    },
  } as const;

  for (const type of Object.keys(EXAMPLES)) {
    it(`${type}: every value stands there, none is behind a click or cut`, async () => {
      const view = await openView(browser, { colorScheme: 'dark' });
      const rows = Array.from({ length: 30 }, (_, n) => ({ n, word: `row-${n}` }));
      const approval = exampleApproval(type, 0, decided);
      const params = { ...approval.params, more_rows: rows, long_text: `${'word '.repeat(500)}end-of-text` };
      await view.show({ ...approval, params });
      await view.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      const text = await seen(view);
      for (const part of ['by Kim Osei through Slack', 'As agreed', 'row-29', 'end-of-text', 'line 89'])
        assert.ok(text.includes(part), `${part} is missing`);
      // "All data" is open on paper, so that the record is whole.
      assert.ok(text.includes(`"params_digest": "${approval.params_digest}"`));
      for (const pointer of leavesOf(params))
        assert.ok(text.includes(`"${pointer.split('/').at(-1) ?? ''}"`) || /\/\d+$/.test(pointer), pointer);
      const cut = await view.page.locator('human-approval-view').evaluate((host) => {
        const parts = [...(host.shadowRoot?.querySelectorAll('*:not(.sr)') ?? [])];
        const scrolls = (part: Element): boolean => getComputedStyle(part).overflowY !== 'visible';
        return parts.filter((part) => scrolls(part) && part.scrollHeight > part.clientHeight + 1).length;
      });
      assert.equal(cut, 0, 'nothing scrolls on paper');
      await view.close();
    });
  }

  it('what only works on a screen is not there, and dark pages print dark on white', async () => {
    const view = await openView(browser, { colorScheme: 'dark' });
    await view.show(exampleApproval('financial', 0));
    await view.page.evaluate(() => (document.documentElement.style.colorScheme = 'dark'));
    await view.page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    const shown = await view.page.locator('human-approval-view').evaluate((host) => {
      const buttons = [...(host.shadowRoot?.querySelectorAll('button, input, textarea') ?? [])];
      const { color, backgroundColor } = getComputedStyle(host.shadowRoot?.querySelector('.card') ?? host);
      return { buttons: buttons.filter((one) => one.checkVisibility()).length, color, backgroundColor };
    });
    assert.deepEqual(shown, { buttons: 0, color: 'rgb(25, 28, 34)', backgroundColor: 'rgb(255, 255, 255)' });
    await view.close();
  });
});
