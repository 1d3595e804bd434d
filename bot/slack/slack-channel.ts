/**
 * Slack as a channel: posts a card, updates it, and says messages below it.
 * INVARIANT: whatever is posted carries our own id in its metadata, so that a process which died before it stored
 * where can find it again instead of posting twice.
 * Left out: what comes in from Slack (presses.ts and its neighbours).
 */
import { type Channel, ChannelError, type Posted, type Shown } from '../../server/core/channel-ports.ts';
import { visible } from '../../server/core/card-text.ts';
import type { Message as Said } from '../../schemas/message.ts';
import { escaped, type Message, paragraph, quote, rich, text, withoutPreviews } from './block-kit.ts';
import { cardMessage } from './card-blocks.ts';
import type { Clients, Spot } from './clients.ts';
import { BUDGET, oneLine, pieces } from './limits.ts';
import type { WebClient } from './web-client.ts';
import { channelError, isDeadToken } from './web-errors.ts';

const CARD_EVENT = 'countersign_approval';
const SAID_EVENT = 'countersign_message';
/** More of a long answer is on the page. */
const MAX_SAID_BLOCKS = 4;
const LOOK_BACK = 100;

export type SlackPlace = { team: string; channel: string; ts: string };

/** Where something stands in Slack, as the server keeps it. */
export function refOf({ team, channel, ts }: SlackPlace): string {
  return `${team}/${channel}/${ts}`;
}

function placeOf({ ref }: Posted): SlackPlace {
  const [team = '', channel = '', ts = ''] = ref.split('/');
  return { team, channel, ts };
}

type Deps = { clients: Pick<Clients, 'forAddress' | 'forPosted'>; now: () => number };
/** Calls Slack at a place; whatever goes wrong is a ChannelError. */
type AtSpot = <T>(where: Promise<Spot>, run: (spot: Spot) => Promise<T>) => Promise<T>;

const atSpot: AtSpot = async (where, run) => {
  let spot: Spot | null = null;
  try {
    spot = await where;
    return await run(spot);
  } catch (error) {
    throw (isDeadToken(error) && spot?.dead) || channelError(error);
  }
};

/** The channel of all Slack workspaces that there is a token for; everything throws ChannelError. */
export function createSlackChannel({ clients, now }: Deps): Channel {
  const messageOf = ({ approval, events, view_only }: Shown): Message =>
    cardMessage({ approval, events, view_only, now_ms: now() });
  return {
    ...createLooking(clients),
    name: 'slack',
    post: (to, shown) =>
      atSpot(clients.forAddress(to), async (spot) => {
        const { approval } = shown;
        const metadata = metadataOf(CARD_EVENT, approval.id);
        const { channel, ts } = await spot.client.chat.postMessage({
          channel: spot.to,
          ...withoutPreviews(messageOf(shown)),
          metadata,
        });
        if (!channel || !ts)
          throw new ChannelError('later', 'Slack took the card and did not say where it is.');
        return { ...to, approval_id: approval.id, ref: refOf({ team: await spot.team(), channel, ts }) };
      }),
    update: (posted, shown) =>
      atSpot(clients.forPosted(posted), async ({ client }) => {
        const { channel, ts } = placeOf(posted);
        await client.chat.update({ channel, ts, ...withoutPreviews(messageOf(shown)) });
      }),
    say: (posted, message, shown) =>
      atSpot(clients.forPosted(posted), async ({ client }) => {
        const { channel, ts } = placeOf(posted);
        const words = withoutPreviews(saidMessage(message, shown.approval.url));
        await client.chat.postMessage({
          channel,
          thread_ts: ts,
          ...words,
          metadata: metadataOf(SAID_EVENT, message.id),
        });
      }),
  };
}

/** Looking for what was perhaps posted. */
function createLooking(clients: Deps['clients']): Required<Pick<Channel, 'find' | 'hasSaid'>> {
  return {
    find: (to, approval) =>
      atSpot(clients.forAddress(to), async (spot) => {
        const { client } = spot;
        const channel = await conversationOf(client, spot.to);
        const oldest = String(Math.floor(Date.parse(approval.created_at) / 1000) - 1);
        const found = await client.conversations.history({
          channel,
          oldest,
          limit: LOOK_BACK,
          include_all_metadata: true,
        });
        const ts = (found.messages ?? []).find((one) => isOurs(one.metadata, CARD_EVENT, approval.id))?.ts;
        return ts
          ? { ...to, approval_id: approval.id, ref: refOf({ team: await spot.team(), channel, ts }) }
          : null;
      }),
    hasSaid: (posted, message) =>
      atSpot(clients.forPosted(posted), async ({ client }) => {
        const { channel, ts } = placeOf(posted);
        const found = await client.conversations.replies({
          channel,
          ts,
          // Replies come oldest first: a long thread would hide the newest ones.
          oldest: String(Math.floor(Date.parse(message.created_at) / 1000) - 1),
          limit: LOOK_BACK,
          include_all_metadata: true,
        });
        return (found.messages ?? []).some((one) => isOurs(one.metadata, SAID_EVENT, message.id));
      }),
  };
}

function metadataOf(event_type: string, id: string): { event_type: string; event_payload: { id: string } } {
  return { event_type, event_payload: { id } };
}

function isOurs(metadata: unknown, event_type: string, id: string): boolean {
  const { event_type: type, event_payload } = (metadata ?? {}) as {
    event_type?: string;
    event_payload?: { id?: unknown };
  };
  return type === event_type && event_payload?.id === id;
}

/** A person's id is no conversation yet. */
async function conversationOf(client: WebClient, to: string): Promise<string> {
  if (!/^[UW]/.test(to)) return to;
  const opened = await client.conversations.open({ users: to });
  if (!opened.channel?.id) throw new ChannelError('later', 'Slack did not open the conversation.');
  return opened.channel.id;
}

const SAID: Readonly<Record<Said['kind'], string>> = {
  question: 'asks',
  answer: 'answers',
  context_answer: 'answers from what the request says (not the agent itself)',
};

/** One message of the conversation: who, and the words as they are. */
function saidMessage(message: Said, url: string): Message {
  const who = `${oneLine(visible(message.author.name), 120)} ${SAID[message.kind]}`;
  const parts = pieces(visible(message.content), BUDGET.block_chars);
  const shown = parts.slice(0, MAX_SAID_BLOCKS).map((part) => rich(quote(text(part))));
  const more =
    parts.length > MAX_SAID_BLOCKS
      ? [rich(paragraph(text('There is more of it. '), { type: 'link', url, text: 'Read it on the page' }))]
      : [];
  return {
    text: escaped(`${who}: ${oneLine(visible(message.content), 200)}`),
    blocks: [rich(paragraph(text(who, 'bold'))), ...shown, ...more],
  };
}
