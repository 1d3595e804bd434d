/** The channel suite on both engines: a channel in memory that can look for its cards, one that can't, the terminal. */
import { openConsole } from '../../bot/console.ts';
import { type ChannelBench, channelSuite, type SeenCard } from '../suites/channel.ts';
import { fakeChannel } from '../support/fake-channel.ts';
import { ENGINES } from '../support/server.ts';

const people = { email: 'ben@example.com', slack_user: 'U1', close: () => Promise.resolve() };

async function openFake(looks: boolean): Promise<ChannelBench> {
  const { channel, cards } = fakeChannel('slack', looks);
  const seen = () =>
    cards.map(({ approval_id, version, said }) => ({
      approval_id,
      version,
      said: said.map(({ content }) => content),
    }));
  return { channel, default_to: 'C1', ...people, cards: async () => seen() };
}

/** A terminal has no cards; what it printed last of an approval stands for one. */
async function openTerminal(): Promise<ChannelBench> {
  const printed: string[] = [];
  const { channel } = openConsole((text) => printed.push(text) > 0);
  const cards = async (): Promise<SeenCard[]> => {
    const ids = new Set(printed.map((text) => /\[(apr_\w+)\]/.exec(text)?.[1] ?? ''));
    return [...ids].map((approval_id) => {
      const own = printed.filter((text) => text.includes(approval_id));
      return { approval_id, version: null, said: own.filter((text) => !text.includes('Asked by')) };
    });
  };
  return { channel, default_to: 'terminal', ...people, cards };
}

for (const engine of ENGINES) {
  channelSuite('a channel that can look', engine, () => openFake(true));
  channelSuite('a channel that can’t look', engine, () => openFake(false));
  channelSuite('the terminal', engine, openTerminal);
}
