/** Who is told of an approval, and where; and what may be approved in which channel. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ChannelName } from '../../schemas/channel.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../schemas/settings.ts';
import { placesOf, type Reach } from '../../server/core/notify-plan.ts';
import { isShown, isViewOnly } from '../../server/core/posts.ts';
import { at, after, ben, member, pending, T0 } from '../support/kernel.ts';

const mailed = (id: string, role?: 'viewer' | 'reviewer' | 'admin') => ({
  ...member(id, role),
  email: `${id}@example.com`,
});
const members = [
  mailed('mem_ana'),
  mailed('mem_ben'),
  mailed('mem_cleo', 'admin'),
  mailed('mem_vic', 'viewer'),
];
const all: Reach = {
  channels: [
    { name: 'slack', default_to: 'C1' },
    { name: 'email', default_to: null },
    { name: 'console', default_to: 'terminal' },
  ],
  members,
  slack_users: new Map([['mem_ana', 'UANA']]),
};
const only = (...names: ChannelName[]): Reach => ({
  ...all,
  channels: all.channels.filter(({ name }) => names.includes(name)),
});
const told = (approval = pending(), reach = all, settings: Settings = DEFAULT_SETTINGS) =>
  placesOf(approval, settings, reach).map((places) => places.map(({ channel, to }) => `${channel}:${to}`));

describe('who is told', () => {
  it('without assignees: the default channel, and every reviewer and admin by email; never a viewer', () => {
    assert.deepEqual(told(), [
      ['slack:C1', 'console:terminal'],
      ['email:mem_ana@example.com'],
      ['email:mem_ben@example.com'],
      ['email:mem_cleo@example.com'],
    ]);
    assert.deepEqual(
      told(pending(), only('email', 'console')).length,
      3,
      'the terminal only where nothing else is',
    );
    assert.deepEqual(told(pending(), only('console')), [['console:terminal']]);
    assert.deepEqual(told(pending(), only()), []);
  });

  it('whoever can’t be reached in one channel is told in the next', () => {
    assert.deepEqual(told(pending({ assignees: ['mem_ana', 'mem_ben'] })), [
      ['slack:UANA', 'email:mem_ana@example.com', 'console:terminal'],
      ['email:mem_ben@example.com', 'console:terminal'],
    ]);
    assert.deepEqual(
      told(pending({ assignees: ['mem_ben'] }), only('slack')),
      [['slack:C1']],
      'an assignee who can’t be reached anywhere: better in the open than unseen',
    );
  });

  it('whose only address is dead is tried, so that it shows, and then it is said in the open', () => {
    const reach: Reach = {
      ...only('slack', 'email'),
      dead: new Set(['mem_ana@example.com', 'mem_ben@example.com']),
    };
    assert.deepEqual(told(pending({ assignees: ['mem_ana', 'mem_ben', 'mem_cleo'] }), reach), [
      ['slack:UANA', 'email:mem_ana@example.com'],
      ['email:mem_ben@example.com', 'slack:C1'],
      ['email:mem_cleo@example.com'],
    ]);
  });

  it('whom it was delegated to is told', () => {
    const passed = after(pending(), [
      { type: 'delegate', to: 'mem_ana' },
      at(T0 + 1_000, ben, { delegate: member('mem_ana') }),
    ]);
    assert.deepEqual(told(passed, only('slack')), [['slack:UANA']]);
  });

  it('the workspace chooses its channels, their order, and where Slack posts', () => {
    const notify = { channels: ['console', 'slack'] as const, slack_channel: 'C9' };
    const settings = { ...DEFAULT_SETTINGS, notify: { ...notify, channels: [...notify.channels] } };
    assert.deepEqual(told(pending(), all, settings), [['console:terminal', 'slack:C9']]);
    assert.equal(isShown(['email'], settings), false);
    assert.equal(isShown(['slack'], settings), true);
    assert.equal(isShown([], DEFAULT_SETTINGS), false);
  });
});

describe('what is view only', () => {
  const viewOnly = (risk_level: 'low' | 'medium' | 'high' | 'critical', channel: ChannelName, more = {}) =>
    isViewOnly({ risk_level }, channel, { ...DEFAULT_SETTINGS, ...more });

  it('follows the assurance that a channel proves', () => {
    assert.equal(viewOnly('high', 'slack'), false);
    assert.equal(viewOnly('critical', 'slack'), true, 'critical needs a session');
    assert.equal(viewOnly('medium', 'email'), false);
    assert.equal(viewOnly('high', 'email'), true);
    assert.equal(viewOnly('low', 'console'), true);
  });

  it('and the limit of the workspace', () => {
    const slack = (limit: string) => ({ channel_limits: { slack: limit } });
    assert.equal(viewOnly('medium', 'slack', slack('medium')), false);
    assert.equal(viewOnly('high', 'slack', slack('medium')), true);
    assert.equal(viewOnly('low', 'slack', slack('none')), true);
    assert.equal(viewOnly('low', 'email', slack('none')), false);
  });
});
