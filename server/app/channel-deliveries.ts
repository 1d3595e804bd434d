/** Where an approval was shown, and what failed there, for people who ask why nobody answers. */
import type { ChannelDelivery } from '../../schemas/channel.ts';
import { isRefusal, refusal, type Refusal } from '../core/commands.ts';
import type { StoredPost } from '../core/posts.ts';
import type { Principal } from '../core/principal.ts';
import type { ApprovalQueries } from './approval-queries.ts';
import type { Deps } from './deps.ts';

export type ChannelDeliveries = {
  /** Oldest first; `not_found`, and `forbidden` for agents, which need no addresses of people. */
  of(principal: Principal, approval_id: string): Promise<ChannelDelivery[] | Refusal>;
};

export function createChannelDeliveries({
  store,
  queries,
}: Pick<Deps, 'store'> & { queries: ApprovalQueries }): ChannelDeliveries {
  return {
    of: async (principal, approval_id) => {
      const approval = await queries.get(principal, approval_id);
      if (isRefusal(approval)) return approval;
      if (principal.kind === 'agent') return refusal('forbidden', 'Agent keys can’t see who was told where.');
      const posts = await store.read((t) => t.posts.ofApproval(approval_id));
      return posts.map(deliveryOf);
    },
  };
}

function deliveryOf({ id, channel, to, state, shown_version, ...post }: StoredPost): ChannelDelivery {
  const { attempts, error, next_at_ms, created_at_ms } = post;
  return {
    id,
    channel,
    to,
    state,
    shown_version,
    attempts,
    error,
    next_try_at: next_at_ms === null ? null : new Date(next_at_ms).toISOString(),
    created_at: new Date(created_at_ms).toISOString(),
  };
}
