/**
 * No press is lost: what was acknowledged is done once, whenever the process dies, and everything is answered in time
 * while the database is slow or away.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { openStore } from '../../server/store/index.ts';
import { furnish } from '../support/channel-world.ts';
import { eventually } from '../support/eventually.ts';
import { agent, cleo } from '../support/kernel.ts';
import { type Card, type LocalSlack, startLocalSlack } from '../support/local-slack.ts';
import { newStore } from '../support/server.ts';
import { typed } from '../support/slack-bench.ts';
import type { Answer } from '../support/slack-hand.ts';
import { type SlackLife, slackLife } from '../support/slack-life.ts';
import { textIn } from '../support/slack-limits.ts';

/** More than a press, a form or words take from their first commit to their last. */
const COMMITS = [1, 2, 3, 4, 5];
const SLACK_WAITS_MS = 3_000;
const FORM = {
  params: { amount: 500 },
  escalation_schema: { properties: { amount: { type: 'number' } }, 'x-ui': { editable: true } },
};

describe('what people did in Slack', () => {
  let slack: LocalSlack;
  let store: Store;
  let drop: () => Promise<void>;
  let life: SlackLife;

  before(async () => {
    slack = await startLocalSlack();
    const made = await newStore('sqlite');
    drop = made.drop;
    store = await openStore(made.store);
    await furnish(store, { email: 'b@example.com', slack_user: slack.id('alice'), slack_team: slack.team });
  });
  beforeEach(async () => {
    slack.notices.length = 0;
    slack.views.length = 0;
    life = await slackLife(store, slack);
  });
  afterEach(() => life.end());
  after(async () => {
    await store.close();
    await drop();
    await slack.stop();
    assert.deepEqual(slack.faults, []);
  });

  const asked = async (more: Record<string, unknown> = {}): Promise<{ approval: Approval; card: Card }> => {
    const input = { action_type: 'payments.send', action_summary: 'Pay the invoice', ...more };
    const made = await life.cases.approvals.request(agent, input, '{}', null);
    assert.ok(!isRefusal(made), JSON.stringify(made));
    const approval = JSON.parse(made.text) as Approval;
    const card = await slack.cardOf(approval.id);
    await eventually('the worker being done', async () => {
      const { waiting, due } = await store.read((t) => t.jobs.countByState(Date.now()));
      return due === 0 && waiting >= 0 && Object.keys(life.cases.worker.now().running).length === 0;
    });
    return { approval, card };
  };
  const trailOf = async (id: string): Promise<string[]> => {
    const trail = await life.cases.queries.trail(cleo, id);
    assert.ok(!isRefusal(trail));
    return trail.items.map(({ type }) => type);
  };
  const count = async (id: string, type: string) => (await trailOf(id)).filter((one) => one === type).length;
  /** Nothing that people did waits any more. */
  const settled = () =>
    eventually('nothing being kept', async () => {
      const lanes = await store.read((t) => t.jobs.lanes());
      return lanes.every(({ lane }) => lane !== 'inbound');
    });
  /** A process that is dead to its store and its callers still has timers: what they say counts for nothing. */
  const told = () => slack.notices.filter(({ text }) => !text.includes('is not stored yet'));
  /** Does something in this life until it dies, and lets the next one take over; whether it was acknowledged. */
  const cutShort = async (
    commit: number,
    when: 'before' | 'after',
    act: () => Promise<Answer>,
  ): Promise<boolean> => {
    life.dieAt(commit, when);
    const acting = act().then(
      ({ status }) => status === 200,
      () => false,
    );
    // What ends before it comes to that commit is not cut short at all.
    const over = acting.then(settled);
    await Promise.race([life.death, over]);
    await life.end();
    const acked = await acting;
    life = await slackLife(store, slack);
    await settled();
    return acked;
  };
  const cuts = COMMITS.flatMap((commit) => [[commit, 'before'] as const, [commit, 'after'] as const]);

  it('a press that was acknowledged approves exactly once, whichever commit the process dies at', async () => {
    for (const [commit, when] of cuts) {
      const { approval, card } = await asked();
      const acked = await cutShort(commit, when, () => life.hand.click('alice', card, 'apr.approve'));
      const made = await count(approval.id, 'approval.approved');
      assert.ok(made === 1 || (made === 0 && !acked), `${made} decisions, ${when} commit ${commit}`);
      assert.ok(commit === 1 || acked, 'only what was not kept is not acknowledged');
      assert.deepEqual(told(), [], `nobody is told of their own decision, ${when} commit ${commit}`);
    }
  });

  it('a form that was acknowledged is done exactly once, and its dialog never says that its own decision was in the way', async () => {
    for (const [commit, when] of cuts) {
      const { approval, card } = await asked(FORM);
      slack.views.length = 0;
      await life.hand.click('alice', card, 'apr.edit');
      const form = await eventually('the form', () => slack.views.at(-1));
      await settled();
      const values = { 'field:0': { type: 'number_input', value: '300' } };
      const acked = await cutShort(commit, when, () => life.hand.submit('alice', form, values));
      const made = await count(approval.id, 'approval.approved_with_edits');
      assert.ok(made === 1 || (made === 0 && !acked), `${made} decisions, ${when} commit ${commit}`);
      const said = slack.views.filter(({ id, method }) => id === form.id && method === 'views.update');
      for (const { view } of said) assert.doesNotMatch(textIn(view).join(' '), /late|already|changed/);
    }
  });

  it('words below a card are one question, whichever commit the process dies at', async () => {
    for (const [commit, when] of cuts) {
      const { approval, card } = await asked();
      const ts = `1790000000.${commit}${when.length}`;
      const write = () => life.hand.reply('alice', card, 'Is it final?', { ts });
      const acked = await cutShort(commit, when, write);
      // What was not acknowledged Slack sends again.
      if (!acked) await write();
      await settled();
      assert.equal(await count(approval.id, 'approval.question_asked'), 1, `${when} commit ${commit}`);
    }
  });

  it('a dialog that a crash left unopened is not opened late: its person is told to press again', async () => {
    const { approval, card } = await asked();
    slack.failNext('response_url', 'reset');
    const acked = await cutShort(1, 'after', () => life.hand.click('alice', card, 'apr.deny'));
    assert.equal(acked, false);
    const notice = await eventually('a notice', () => told().at(-1));
    assert.match(notice.text, /stopped before it could open the dialog. Press the button again/);
    assert.equal(notice.how, 'ephemeral', 'where the answer of the press is over, beside the card');
    assert.equal(await count(approval.id, 'approval.denied'), 0);
  });

  it('a press that could not be finished is tried again by itself', async () => {
    const { approval, card } = await asked();
    life.fail(2);
    assert.equal((await life.hand.click('alice', card, 'apr.approve')).status, 200);
    await eventually('the decision', async () => (await count(approval.id, 'approval.approved')) === 1);
    assert.deepEqual(told(), []);
  });

  it('a press that can’t be kept is acknowledged, and its person is told that nothing was done', async () => {
    const { approval, card } = await asked();
    life.fail('all');
    assert.equal((await life.hand.click('alice', card, 'apr.approve')).status, 200);
    const notice = await eventually('a notice', () => told().at(-1));
    assert.match(notice.text, /could not be stored, so nothing was done/);
    life.fail(null);
    assert.equal(await count(approval.id, 'approval.approved'), 0);
    await life.hand.click('alice', card, 'apr.approve');
    await eventually('the decision', async () => (await count(approval.id, 'approval.approved')) === 1);
  });

  it('answers presses, dialogs, forms, words and the command within three seconds while every transaction takes two', async () => {
    const pressed = await asked();
    const opened = await asked();
    const sent = await asked();
    const written = await asked();
    await life.hand.click('alice', sent.card, 'apr.deny');
    const form = await eventually('the form', () => slack.views.at(-1));
    await settled();
    slack.views.length = 0;
    life.slow(2_000);
    const answers = await Promise.all([
      life.hand.click('alice', pressed.card, 'apr.approve'),
      life.hand.click('alice', opened.card, 'apr.ask'),
      life.hand.submit('alice', form, { reason: typed('Too much') }),
      life.hand.reply('alice', written.card, 'Why?'),
      life.hand.command('alice', 'list'),
    ]);
    for (const [n, { status, took_ms }] of answers.entries()) {
      assert.equal(status, 200);
      assert.ok(took_ms < SLACK_WAITS_MS, `answer ${n} took ${took_ms} ms`);
    }
    assert.match(textIn(answers[2]?.body).join(' '), /takes a little longer/);
    const shownWith = (words: RegExp) =>
      eventually(`${words} in a dialog`, () =>
        slack.views.find(({ view }) => words.test(textIn(view).join(' '))),
      );
    const filled = await shownWith(/Your question/);
    assert.equal(filled.method, 'views.update');
    const opening = slack.views.find(({ id, method }) => id === filled.id && method === 'views.open');
    assert.ok(opening, 'it stood open while its trigger lived, and was filled in later');
    assert.equal((await shownWith(/It is done/)).id, form.id);
    life.slow(0);
    await settled();
    const made = await Promise.all([
      count(pressed.approval.id, 'approval.approved'),
      count(sent.approval.id, 'approval.denied'),
      count(written.approval.id, 'approval.question_asked'),
    ]);
    assert.deepEqual(made, [1, 1, 1]);
    const list = await eventually('the list', () => told().find(({ how }) => how === 'response_url'));
    assert.match(textIn(list.blocks).join(' '), new RegExp(pressed.approval.id));
  });
});
