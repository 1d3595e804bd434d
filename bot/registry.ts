/**
 * The registry of channels: one line each. What a channel needs is loaded only where it is configured.
 * Invariant: a server without channels loads nothing of them and tells nobody.
 */
import type { ChannelName } from '../schemas/channel.ts';
import type { ChannelParts } from '../server/core/channel-ports.ts';
import type { EmailConfig, OpenChannel, SlackConfig } from './open.ts';

/** A configured channel, before it is loaded. */
export type ChannelEntry = {
  name: ChannelName;
  /** Where approvals without assignees go: a Slack channel id; null for a channel that knows only people. */
  default_to: string | null;
  /** True where it will have `oauth`. */
  installs?: boolean;
  open(parts: ChannelParts): Promise<OpenChannel>;
};

export type ChannelConfig = { slack: SlackConfig | null; email?: EmailConfig | null; console: boolean };

/** The channels that are configured, in the order in which they are tried. */
export function channelsOf(config: ChannelConfig): ChannelEntry[] {
  const entries: ChannelEntry[] = [];
  const { slack } = config;
  if (slack)
    entries.push({
      name: 'slack',
      default_to: slack.default_channel,
      installs: slack.oauth !== undefined && slack.oauth !== null,
      open: async (parts) => (await import('./slack/open-slack.ts')).openSlack(slack, parts),
    });
  const { email } = config;
  if (email)
    entries.push({
      name: 'email',
      default_to: null,
      open: async (parts) => (await import('./email/open-email.ts')).openEmail(email, parts),
    });
  if (config.console)
    entries.push({
      name: 'console',
      default_to: 'terminal',
      open: async () => (await import('./console.ts')).openConsole(),
    });
  return entries;
}
