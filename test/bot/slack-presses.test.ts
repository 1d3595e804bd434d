/** Slack through the real server and signed HTTP: S2, S4, S5, S14, and dialogs. The ids are those of the conformance list. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { call } from '../support/call.ts';
import { eventually } from '../support/eventually.ts';
import { addPerson, ask } from '../support/server.ts';
import { latest, link, type SlackBench, slackBench, typed, wordsOf } from '../support/slack-bench.ts';
import { buttonsOf } from '../support/slack-hand.ts';
import { textIn } from '../support/slack-limits.ts';

type Any = Record<string, unknown>;

describe('Slack, pressing', () => {
  let bench: SlackBench;
  before(async () => {
    bench = await slackBench();
  });
  after(() => bench.stop());
  beforeEach(() => bench.fresh());

  it('S2: shows the card once, and a press of Approve by a linked person approves and takes the buttons away', async () => {
    const { hand, slack, asked, becomes, words } = bench;
    const { approval, card } = await asked();
    const { status, took_ms } = await hand.click('alice', card, 'apr.approve');
    assert.equal(status, 200);
    assert.ok(took_ms < 1_000);
    const { decision } = await becomes(approval.id, 'approved');
    assert.deepEqual(
      [decision?.approver_name, decision?.via, decision?.assurance],
      ['Alice Moreau', 'slack', 'linked'],
    );
    const closed = await eventually('the card without buttons', async () => {
      const now = await latest(slack, card);
      return buttonsOf(now).length === 0 && now;
    });
    assert.match(await words(closed), /Approved by Alice Moreau via Slack/);
    assert.equal((await slack.cardsOf(approval.id)).length, 1);
    assert.equal(slack.notices.length, 0, 'the card says it');
  });

  it('S4: fifty presses by two linked people make one decision, one entry, 49 notices and a card that names the winner', async () => {
    const { hand, slack, asked, becomes, trail } = bench;
    const { approval, card } = await asked();
    const [approve] = buttonsOf(card);
    assert.equal(approve?.action_id, 'apr.approve');
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) => hand.clickOld(n % 2 === 0 ? 'alice' : 'bob', card, approve)),
    );
    assert.ok(answers.every(({ status, took_ms }) => status === 200 && took_ms < 3_000));
    const { decision } = await becomes(approval.id, 'approved');
    const winner = decision?.approver_name ?? '';
    await eventually('49 notices', () => slack.notices.length >= 49);
    const closed = await eventually('the card that names the winner', async () => {
      const now = await latest(slack, card);
      return wordsOf(now).includes(`Approved by ${winner}`) && now;
    });
    assert.equal(buttonsOf(closed).length, 0);
    assert.equal((await trail(approval.id)).filter((type) => type === 'approval.approved').length, 1);
    assert.equal(slack.notices.length, 49);
    for (const { text } of slack.notices) assert.match(text, new RegExp(`already approved by ${winner}`));
  });

  it('S5: refuses an unlinked account, a guest, a bot and people of another Slack workspace, each with what to do', async () => {
    const { hand, slack, asked, told, get } = bench;
    const { approval, card } = await asked();
    slack.about.set(slack.id('carol'), { is_restricted: true });
    const refusals: [who: Parameters<typeof hand.click>[0], name: string, words: RegExp][] = [
      ['mallory', 'mallory', /not linked to a member.*ask an admin/s],
      ['carol', 'carol', /Guests .* can’t decide/],
      [{ name: 'alice', home: 'T0OTHER' }, 'alice', /another Slack workspace/],
      [{ name: 'alice', team: 'T0OTHER' }, 'alice', /not linked/],
    ];
    for (const [who, name, words] of refusals) {
      bench.fresh();
      await hand.click(who, card, 'apr.approve');
      assert.match(await told(name), words);
      await hand.click(who, card, 'apr.deny');
      assert.match(textIn((await bench.shown()).view).join(' '), words);
    }
    assert.equal((await get(approval.id)).version, approval.version);
    assert.match(JSON.stringify(slack.views.at(-1)?.view), /"url":"http.*\/link\//);
  });

  it('S5: a bot is nobody, and what Slack does not say of an account makes it nobody', async () => {
    const { hand, slack, asked, told, get } = bench;
    const { approval, card } = await asked();
    slack.about.set(slack.id('robot'), { is_bot: true });
    await hand.click('robot', card, 'apr.approve');
    assert.match(await told('robot'), /Bots can’t decide/);
    const dora = await addPerson(bench.server, 'reviewer', 'Dora');
    await link(bench.server, slack, dora, 'dora');
    slack.failNext('users.info', { error: 'fatal_error' });
    bench.fresh();
    await hand.click('dora', card, 'apr.approve');
    assert.match(await told('dora'), /did not say who you are/);
    assert.equal((await get(approval.id)).status, 'pending');
  });

  it('S5: who asked cannot approve, and nobody but the assignees can', async () => {
    const { hand, slack, told, get, alice, server } = bench;
    const own = await call<{ id: string }>(server.url, alice.key, 'POST', '/v1/approvals', {
      action_type: 'cards.create',
      action_summary: 'A card for Alice',
      risk_level: 'low',
    });
    assert.equal(own.status, 201, own.text);
    const card = await slack.cardOf(own.body.id);
    await hand.click('alice', card, 'apr.approve');
    assert.match(await told('alice'), /asked for this yourself/);
    assert.equal((await get(own.body.id)).status, 'pending');
    const forBob = await ask(server, { risk_level: 'low', assignees: [bench.bob.id] });
    const direct = await eventually('the card in a message of his own', async () => {
      const sent = slack.calls.find(
        ({ method, body }) =>
          method === 'chat.postMessage' && JSON.stringify(body['metadata'] ?? '').includes(forBob.id),
      );
      return sent && String(sent.body['channel']);
    });
    assert.equal(direct, slack.id('bob'), 'and in no channel');
    bench.fresh();
    const [approve] = buttonsOf(card);
    await hand.clickOld('alice', card, {
      ...approve,
      action_id: 'apr.approve',
      value: JSON.stringify({ a: forBob.id, v: forBob.version }),
    });
    await told('alice');
    assert.equal((await get(forBob.id)).status, 'pending');
  });

  it('S5: an empty list of approvers is nobody: without a link, or as a viewer, nobody can approve', async () => {
    const { hand, slack, get, server, asked, told } = bench;
    const vera = await addPerson(server, 'viewer', 'Vera');
    await link(server, slack, vera, 'eve');
    const { approval, card } = await asked({ assignees: [] });
    await hand.click('eve', card, 'apr.approve');
    assert.match(await told('eve'), /viewer/i);
    assert.equal((await get(approval.id)).version, approval.version);
  });

  it('S14: an unknown button and a value that is none are answered within a second', async () => {
    const { hand, asked, told, get } = bench;
    const { approval, card } = await asked();
    for (const element of [
      { action_id: 'old.approve', value: 'x' },
      { action_id: 'apr.approve', value: 'not json' },
      { action_id: 'apr.of_a_later_version', value: '{}' },
    ]) {
      bench.fresh();
      const { status, took_ms } = await hand.clickOld('alice', card, element);
      assert.equal(status, 200);
      assert.ok(took_ms < 1_000, `${element.action_id} took ${took_ms} ms`);
      assert.match(await told('alice'), /older version of the app/);
    }
    assert.equal((await get(approval.id)).status, 'pending');
  });

  it('S11: an edit beyond the maximum is an error at the field, a smaller one approves, and a late one says who decided', async () => {
    const { hand, asked, shown, get, admin } = bench;
    const limited = {
      params: { amount: 500, note: 'Paper' },
      type: 'tool_call',
      escalation_schema: {
        properties: { amount: { type: 'number', maximum: 1_000 }, note: { type: 'string' } },
        'x-ui': { editable: true },
      },
    };
    const { approval, card } = await asked(limited);
    await hand.click('alice', card, 'apr.edit');
    const form = await shown();
    const field = (form.view['blocks'] as { block_id: string; element?: Any }[]).find(
      ({ element }) => element?.['type'] === 'number_input',
    );
    assert.ok(field);
    const amount = (value: string) => ({ [field.block_id]: { type: 'number_input', value } });
    const wrong = await hand.submit('alice', form, amount('5000'));
    assert.equal(wrong.body?.['response_action'], 'errors');
    const errors = wrong.body?.['errors'] as Record<string, string>;
    assert.deepEqual(Object.keys(errors), [field.block_id]);
    assert.match(errors[field.block_id] ?? '', /1,?000/);
    assert.equal((await hand.submit('alice', form, amount('300'))).body, null);
    const done = await get(approval.id);
    assert.deepEqual([done.status, done.decision?.modified_params?.['amount']], ['approved_with_edits', 300]);

    const other = await asked(limited);
    bench.fresh();
    await hand.click('bob', other.card, 'apr.edit');
    const late = await shown();
    await admin('POST', `/v1/approvals/${other.approval.id}/deny`, { reason: 'No' });
    const conflict = await hand.submit('bob', late, amount('300'));
    assert.equal(conflict.body?.['response_action'], 'update');
    assert.match(
      textIn(conflict.body?.['view']).join(' '),
      /Denied by .* via the API.* Nothing was changed by you/,
    );
    assert.equal((await get(other.approval.id)).status, 'denied');
  });

  it('denies with a reason, and shows a dialog that came too late who decided', async () => {
    const { hand, asked, shown, get } = bench;
    const { approval, card } = await asked();
    await hand.click('alice', card, 'apr.deny');
    const form = await shown();
    const reason = { reason: typed('Wrong payee') };
    assert.equal((await hand.submit('alice', form, reason)).body, null);
    assert.equal((await get(approval.id)).decision?.reason, 'Wrong payee');
    const late = await hand.submit('bob', form, reason);
    assert.equal(late.body?.['response_action'], 'update');
    assert.match(textIn(late.body).join(' '), /already denied by Alice Moreau via slack/);
  });

  it('asks, delegates and reviews in dialogs', async () => {
    const { hand, slack, asked, shown, get, bob } = bench;
    const { approval, card } = await asked();
    await hand.click('alice', card, 'apr.ask');
    const question = { question: typed('Why now?') };
    assert.equal((await hand.submit('alice', await shown(), question)).body, null);
    await eventually('the question', async () => (await get(approval.id)).open_question);
    const { version } = await get(approval.id);
    await eventually('the card with it', async () =>
      buttonsOf(await latest(slack, card)).every(({ value }) => value?.endsWith(`${version}}`)),
    );
    bench.fresh();
    await hand.click('alice', card, 'apr.delegate');
    const to = { to: { type: 'static_select', selected_option: { value: bob.id } } };
    assert.equal((await hand.submit('alice', await shown(), to)).body, null);
    assert.equal((await get(approval.id)).delegated_to, bob.id);
    bench.fresh();
    const value = JSON.stringify({ a: approval.id, v: (await get(approval.id)).version });
    await hand.clickOld('bob', card, { action_id: 'apr.review', value });
    let page = await shown();
    for (let n = 0; n < 10; n++) {
      const { body } = await hand.submit('bob', page, {});
      if (body === null) break;
      assert.equal(body['response_action'], 'update', JSON.stringify(body));
      page = { ...page, view: body['view'] as Any };
    }
    assert.equal((await get(approval.id)).decision?.approver_name, 'Bob Lindqvist');
  });

  it('answers the command, mentions, direct messages and App Home', async () => {
    const { hand, slack, asked, told, shown } = bench;
    const { approval, card } = await asked();
    const said = async (who: string, text: string) => textIn((await hand.command(who, text)).body).join(' ');
    assert.match(await said('alice', 'list'), new RegExp(approval.id));
    assert.match(await said('alice', 'mine'), /Waiting for you/);
    assert.match(await said('alice', 'help'), /approvals show/);
    assert.match(await said('alice', 'dance'), /There is no “dance”/);
    const one = await hand.command('alice', `show ${approval.id}`);
    assert.ok(buttonsOf({ blocks: one.body?.['blocks'] as Any[] }).length > 3);
    assert.match(await said('mallory', 'list'), /not linked|Bots/);
    const alice = slack.id('alice');
    await hand.event({ type: 'app_home_opened', tab: 'home', user: alice, channel: 'D0ALICE' });
    assert.match(textIn((await shown('views.publish')).view).join(' '), /waiting in all/);
    const mention = { user: alice, text: '<@U0BOT> hi', channel: card.channel, ts: '1790000009.1' };
    await hand.event({ type: 'app_mention', ...mention });
    assert.match(await told('alice'), new RegExp(approval.id));
    bench.fresh();
    await hand.event({ type: 'message', ...mention, ts: '1790000010.1', channel: alice, channel_type: 'im' });
    assert.match(await told('alice'), new RegExp(approval.id));
  });
});
