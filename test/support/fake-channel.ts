/** A channel in memory that keeps its cards like a real place, and can look for them. */
import type { ChannelName } from '../../schemas/channel.ts';
import { type Channel, ChannelError, type Shown } from '../../server/core/channel-ports.ts';

export type FakeCard = {
  to: string;
  ref: string;
  approval_id: string;
  version: number;
  view_only: boolean;
  said: { id: string; content: string }[];
};

export type FakeChannel = { channel: Channel; cards: FakeCard[]; updates: () => number };

/** `looks`: it can find what it posted. */
export function fakeChannel(name: ChannelName, looks = true): FakeChannel {
  const cards: FakeCard[] = [];
  let updates = 0;
  const at = (ref: string): FakeCard => {
    const card = cards.find((one) => one.ref === ref);
    if (!card) throw new ChannelError('gone', 'The card was deleted.');
    return card;
  };
  const render = ({ approval, view_only }: Shown) => ({ version: approval.version, view_only });
  const channel: Channel = {
    name,
    post: async (to, shown) => {
      const ref = `${to.to}/${cards.length + 1}`;
      const approval_id = shown.approval.id;
      cards.push({ to: to.to, ref, approval_id, said: [], ...render(shown) });
      return { ...to, approval_id, ref };
    },
    update: async ({ ref }, shown) => {
      updates++;
      Object.assign(at(ref), render(shown));
    },
    say: async ({ ref }, { id, content }) => {
      at(ref).said.push({ id, content });
    },
    ...(looks
      ? {
          find: async (to, { id: approval_id }) => {
            const card = cards.find((one) => one.approval_id === approval_id && one.to === to.to);
            return card ? { ...to, approval_id, ref: card.ref } : null;
          },
          hasSaid: async ({ ref }, { id }) => at(ref).said.some((one) => one.id === id),
        }
      : {}),
  };
  return { channel, cards, updates: () => updates };
}
