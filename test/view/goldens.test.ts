/**
 * What assistive technology meets, as goldens that can be read: every template, both examples.
 *
 * INVARIANT: a narrow screen hides nothing: at 320 px the very same is read as at 900 px.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Browser } from 'playwright-core';
import { EXAMPLES } from '../../schemas/examples.ts';
import { launchBrowser } from '../support/browser.ts';
import { matchesGolden } from '../support/golden.ts';
import { exampleApproval, openView, TALL } from '../support/view-page.ts';

describe('what assistive technology meets of every template', () => {
  let browser: Browser;
  before(async () => {
    browser = await launchBrowser();
  });
  after(() => browser.close());

  for (const [type, examples] of Object.entries(EXAMPLES)) {
    it(`${type} is read as ever, and at 320 px as at 900 px`, async () => {
      const [narrow, wide] = await Promise.all(
        [320, 900].map((width) => openView(browser, { width, height: TALL })),
      );
      if (!narrow || !wide) throw new Error('There are no pages.');
      for (const n of examples.keys()) {
        const approval = exampleApproval(type, n);
        await Promise.all([narrow.show(approval), wide.show(approval)]);
        const read: string = await wide.aria();
        assert.equal(await narrow.aria(), read);
        matchesGolden(`aria/${type}-${n + 1}.txt`, read);
      }
      assert.deepEqual(
        [narrow, wide].flatMap((one) => [...one.violations, ...one.requests]),
        [],
      );
      await Promise.all([narrow.close(), wide.close()]);
    });
  }
});
