/**
 * The Slack card and dialogs over every template, every state and hostile texts: Slack's limits, no markup, no Approve
 * on what is not shown whole.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { actionIds, cardMessage, coreCard, isWhole } from '../../bot/slack/card-blocks.ts';
import { factPages, saidPages } from '../../bot/slack/card-text-blocks.ts';
import { reviewPageCount, reviewView } from '../../bot/slack/views.ts';
import type { Approval } from '../../schemas/approval.ts';
import { cardLines } from '../../server/core/card-lines.ts';
import { matchesGolden } from '../support/golden.ts';
import { anyApproval } from '../support/any-approval.ts';
import { paymentApproval, SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';
import { messageFaults, textIn, viewFaults } from '../support/slack-limits.ts';
import { hostileApprovals } from '../support/slack-hostile.ts';
import { dialogsOf, exampleApprovals, maskedApproval, slackStates } from '../support/slack-states.ts';

const now_ms = Date.parse(SAMPLE_TIME) + 60_000;
const cardOf = (approval: Approval, view_only = false) =>
  cardMessage({ approval, events: [], view_only, now_ms });

const viewsOf = (approval: Approval) => dialogsOf(approval, now_ms).map(([, view]) => view);

describe('the Slack card', () => {
  it('S1: keeps to every limit of Slack in every template and state', () => {
    for (const [label, input] of [...exampleApprovals(now_ms), ...slackStates(now_ms)]) {
      assert.deepEqual(messageFaults(cardMessage(input)), [], label);
      for (const view of viewsOf(input.approval)) assert.deepEqual(viewFaults(view), [], label);
    }
  });

  it('S1: every state of twelve hostile requests keeps to every limit, and no word of an agent is in a markup text', () => {
    const fixtures = hostileApprovals();
    assert.equal(fixtures.length, 12);
    for (const [fixture, approval] of fixtures)
      for (const [label, input] of slackStates(now_ms, approval)) {
        const message = cardMessage(input);
        assert.deepEqual(messageFaults(message), [], `${fixture}, ${label}`);
        assert.doesNotMatch(JSON.stringify(message.blocks), /"type":"mrkdwn"/, `${fixture}, ${label}`);
        // The fallback is the one text that Slack reads as markup: nothing in it opens a mention or a link.
        assert.doesNotMatch(message.text, /[<>]/, `${fixture}, ${label}`);
        for (const view of viewsOf(input.approval))
          assert.deepEqual(viewFaults(view), [], `${fixture}, ${label}`);
      }
  });

  it('keeps to every limit with any data and hostile texts', () => {
    fc.assert(
      fc.property(anyApproval, fc.boolean(), (approval, view_only) => {
        assert.deepEqual(messageFaults(cardOf(approval, view_only)), []);
        for (const view of viewsOf(approval)) assert.deepEqual(viewFaults(view), []);
      }),
      { numRuns: 80 },
    );
  });

  it('offers Approve only where every line of the facts and all words of the agent are on the card', () => {
    fc.assert(
      fc.property(anyApproval, (approval) => {
        const message = cardOf(approval);
        if (!actionIds(message).includes('apr.approve')) return;
        const shown = coreCard(approval, now_ms);
        assert.ok(shown.complete);
        const seen = squeezed(textIn(message.blocks).join(''));
        for (const { lines } of shown.says)
          for (const line of lines) assert.ok(seen.includes(squeezed(line)), `not shown: ${line}`);
        for (const fact of shown.facts)
          if (fact.text !== '' && fact.was === null)
            assert.ok(seen.includes(squeezed(fact.text)), fact.label);
      }),
      { numRuns: 80 },
    );
  });

  it('shows every line on some page of the review', () => {
    fc.assert(
      fc.property(anyApproval, (approval) => {
        const shown = coreCard(approval, now_ms);
        const seen = squeezed(textIn(factPages(shown)).join(''));
        for (const { text, kind } of cardLines(shown)) {
          const words = kind === 'item' ? text.replace('- ', '') : text;
          assert.ok(seen.includes(squeezed(words)), text.slice(0, 80));
        }
        const said = squeezed(
          saidPages(shown)
            .map((page) => textIn(page).join(''))
            .join(''),
        );
        for (const { lines } of shown.says)
          for (const line of lines.filter((one) => one.length < 2_000))
            assert.ok(said.includes(squeezed(line)));
      }),
      { numRuns: 60 },
    );
  });

  it('has no buttons once it is decided, and a button value of id and version while it is open', () => {
    for (const [label, input] of slackStates(now_ms)) {
      const message = cardMessage(input);
      const open = coreCard(input.approval, now_ms).status.open;
      const actions = message.blocks.filter((block) => block.type === 'actions');
      assert.equal(actions.length, open ? 1 : 0, label);
      for (const block of actions)
        for (const { value } of block.elements)
          assert.equal(value, JSON.stringify({ a: input.approval.id, v: input.approval.version }));
    }
  });

  it('carries the version in every block id', () => {
    const approval = paymentApproval({ version: 7 });
    for (const block of cardOf(approval).blocks) assert.match(block.block_id ?? '', /^apr:apr_\w+:7:\d+$/);
  });

  it('offers Review and no Approve where Slack may only look, where a value is masked, or where it is too long', () => {
    const masked = maskedApproval();
    const long = sampleApproval({ params: { body: 'words\n'.repeat(3_000) } });
    for (const message of [cardOf(paymentApproval(), true), cardOf(masked), cardOf(long)]) {
      const ids = actionIds(message);
      assert.ok(ids.includes('apr.review') && ids.includes('apr.deny') && ids.includes('apr.ask'));
      assert.ok(!ids.includes('apr.approve') && !ids.includes('apr.edit'));
    }
    assert.ok(!JSON.stringify(cardOf(masked)).includes('hunter2'));
    assert.equal(isWhole(coreCard(long, now_ms)), false);
  });

  it('asks once more before it approves high risk', () => {
    const buttons = cardOf(paymentApproval()).blocks.flatMap((block) =>
      block.type === 'actions' ? block.elements : [],
    );
    const approve = buttons.find(({ action_id }) => action_id === 'apr.approve');
    assert.equal(approve?.confirm?.text.text, 'Pay €12,400.00 to Acme GmbH?');
  });

  it('lets the review approve on its last page only, and never where something is hidden', () => {
    const long = sampleApproval({ params: { body: 'words\n'.repeat(300) } });
    const count = reviewPageCount(long, now_ms);
    assert.ok(count > 2);
    for (let page = 0; page < count; page++) {
      const submit = reviewView(long, now_ms, page, true).submit?.text;
      assert.equal(submit, page === count - 1 ? 'Approve' : 'Next page');
    }
    assert.equal(reviewView(long, now_ms, count - 1, false).submit, undefined);
    const masked = maskedApproval();
    const last = reviewPageCount(masked, now_ms) - 1;
    assert.equal(reviewView(masked, now_ms, last, true).submit, undefined);
  });

  for (const [label, input] of [...exampleApprovals(now_ms), ...slackStates(now_ms)]) {
    it(`looks as agreed: ${label}`, () => {
      matchesGolden(`slack/${label}.json`, JSON.stringify(cardMessage(input), null, 1));
    });
  }
});

function squeezed(words: string): string {
  return words.replace(/\s+/g, '');
}
