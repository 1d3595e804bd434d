/**
 * Words that people write: questions in a card's thread, mentions, direct messages, the command, and App Home.
 *
 * INVARIANT: a reply in a card's thread is one question; it never decides anything.
 * Left out: which words count at all, and that each counts once (desk.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Posted } from '../../server/core/channel-ports.ts';
import { type Message, notice, withoutPreviews } from './block-kit.ts';
import { cardMessage } from './card-blocks.ts';
import { HELP, homeView, listMessage, strangerHome } from './home.ts';
import type { Written } from './payloads.ts';
import type { Person, Presser } from './people.ts';
import { type DeskDeps, refusalWords } from './presses.ts';
import { refOf } from './slack-channel.ts';

const LIST = 50;
const LOST = 'Your words could not be passed on. Write them again, or ask on the page.';

export type Talk = {
  /** Words in a card's thread, or in a direct message. Throws what may be tried again with the same key. */
  heard(written: Written, key: string): Promise<void>;
  /** The app was mentioned. */
  mentioned(written: Written): Promise<void>;
  /** Words that could not be passed on. */
  lost(written: Written): Promise<void>;
  /** The answer to `/approvals`, for the person alone. */
  command(presser: Presser, words: string): Promise<Message>;
  /** App Home was opened. */
  home(presser: Presser): Promise<void>;
};

type Deps = DeskDeps & { public_url: string };

export function createTalk(deps: Deps): Talk {
  const { door, who, now } = deps;
  const list = async (person: Person, mine: boolean): Promise<Message> => {
    if (!person.ok) return notice(person.words, person.url);
    const found = await door.list(person.principal, { open: true, limit: LIST });
    const items = mine ? await waitingFor(door, person, found.items) : found.items;
    return listMessage(mine ? 'Waiting for you' : 'Waiting', items, deps.public_url, now());
  };
  const answer = async (written: Written): Promise<void> => {
    const message = await list(await who(written.presser), false);
    await aside(deps, written, message);
  };
  return {
    heard: async (written, key) => {
      const posted = await cardAt(deps, written);
      if (posted) return ask(deps, written, posted, key);
      if (written.channel_type === 'im') await answer(written);
    },
    mentioned: async (written) => {
      // In a card's thread the message event of the same words is the question.
      if ((await cardAt(deps, written)) === null) await answer(written);
    },
    lost: (written) => aside(deps, written, notice(LOST)),
    command: async (presser, words) => {
      const [verb = '', id = ''] = words.trim().split(/\s+/);
      if (verb === 'help') return notice(HELP);
      const person = await who(presser);
      if (verb === 'show' && id !== '') return shownOne(deps, person, id);
      if (verb === '' || verb === 'list' || verb === 'mine') return list(person, verb === 'mine');
      return notice(`There is no “${words.slice(0, 60)}”.\n${HELP}`);
    },
    home: (presser) => publishHome(deps, presser),
  };
}

/** Where words stand that count below a card only; null for those that count by themselves. */
export function belowOf({ presser, channel, thread_ts, channel_type }: Written): string | null {
  return channel_type === 'im' ? null : refOf({ team: presser.team, channel, ts: thread_ts });
}

async function cardAt({ door }: Deps, { presser, channel, thread_ts }: Written): Promise<Posted | null> {
  if (thread_ts === '') return null;
  return door.postedAt('slack', refOf({ team: presser.team, channel, ts: thread_ts }));
}

async function ask(deps: Deps, written: Written, posted: Posted, key: string): Promise<void> {
  const { door, who } = deps;
  const person = await who(written.presser);
  if (!person.ok) return aside(deps, written, notice(person.words, person.url));
  if (written.text === '') return;
  const question = { content: written.text, below: posted, key };
  const asked = await door.ask(person.principal, posted.approval_id, question);
  if (isRefusal(asked)) {
    const words = `Your words were not passed on as a question. ${refusalWords(asked)}`;
    await aside(deps, written, notice(words));
  }
}

/** Says something to who wrote, alone, where they wrote it. */
async function aside(
  { ofTeam, tell }: Deps,
  { presser, thread_ts, channel_type, channel }: Written,
  message: Message,
): Promise<void> {
  const thread = thread_ts === '' ? {} : { thread_ts };
  // A direct message is between the two of them already.
  if (channel_type === 'im')
    await ofTeam(presser.team).chat.postMessage({ channel, ...thread, ...withoutPreviews(message) });
  else await tell({ ...presser, channel, thread_ts, response_url: '' }, message);
}

async function shownOne({ door, now }: Deps, person: Person, id: string): Promise<Message> {
  if (!person.ok) return notice(person.words, person.url);
  const shown = await door.shown(person.principal, id);
  return isRefusal(shown) ? notice(refusalWords(shown)) : cardMessage({ ...shown, now_ms: now() });
}

async function publishHome(deps: Deps, presser: Presser): Promise<void> {
  const { ofTeam, door, who, now, public_url, log } = deps;
  try {
    const person = await who(presser);
    const view = person.ok
      ? homeView({ ...(await homeData(door, person)), public_url, now_ms: now() })
      : strangerHome(person.words, person.url);
    const client = ofTeam(presser.team);
    await client.views.publish({ user_id: presser.user, view: view as never });
  } catch (error) {
    log.warn({ err: error }, 'App Home could not be shown');
  }
}

async function homeData(
  door: Deps['door'],
  person: Person & { ok: true },
): Promise<Pick<Parameters<typeof homeView>[0], 'waiting' | 'decided' | 'pending_count'>> {
  const { principal } = person;
  const [open, recent] = await Promise.all([
    door.list(principal, { open: true, limit: LIST }),
    door.list(principal, { limit: LIST }),
  ]);
  const decided = recent.items.filter(({ decision }) => decision?.approver_id === principal.id);
  const waiting = await waitingFor(door, person, open.items);
  return { waiting, pending_count: open.pending_count, decided };
}

/** What is assigned to nobody waits for everybody who may decide; of groups and absences only the door knows. */
async function waitingFor(
  door: Deps['door'],
  { principal }: Person & { ok: true },
  open: readonly Approval[],
): Promise<Approval[]> {
  const mine = await door.list(principal, { mine: true, open: true, limit: LIST });
  const everybodys = open.filter(({ assignees }) => assignees.length === 0);
  return [...everybodys, ...mine.items].toSorted((a, b) => (a.id < b.id ? 1 : -1)).slice(0, LIST);
}
