/** What a channel renders a card from. Left out: what happened, which is read with it and not here. */
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelName } from '../../schemas/channel.ts';
import type { Settings } from '../../schemas/settings.ts';
import type { Shown } from '../core/channel-ports.ts';
import { isMinimal } from '../core/minimal.ts';
import { isViewOnly } from '../core/posts.ts';

/** A card of this channel as the workspace wants it; null is a door that nothing is approved through. */
export function shownOf(
  approval: Approval,
  channel: ChannelName | null,
  settings: Settings,
  public_url: string,
): Shown {
  return {
    approval,
    events: [],
    public_url,
    view_only: channel === null || isViewOnly(approval, channel, settings),
    minimal: channel === 'email' && isMinimal(approval, settings),
  };
}
