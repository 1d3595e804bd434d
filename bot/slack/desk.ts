/**
 * What people do in Slack, from its arrival to its end: kept, acknowledged, done; after a crash done again.
 *
 * INVARIANT: a press, a dialog or words are acknowledged only when they are kept, or their person is told otherwise.
 * INVARIANT: Slack has its answer within three seconds, whatever the database does.
 * INVARIANT: words of bots, edits and Slack's own news are nobody's question.
 * Left out: what is done (presses.ts, submissions.ts, talk.ts), and how Slack delivers (listen.ts).
 */
import type { ChannelDoor, Inbound, Kept } from '../../server/core/channel-ports.ts';
import { type Message, notice } from './block-kit.ts';
import { ACTIONS } from './card-blocks.ts';
import type { Press, Submission, Written } from './payloads.ts';
import { inTime } from './people.ts';
import { type DeskDeps, opensDialog, type Presses } from './presses.ts';
import type { Reply, Submissions } from './submissions.ts';
import { belowOf, type Talk } from './talk.ts';
import { loadingView, noticeView } from './views.ts';

/** Slack waits three seconds; the rest is for the way there and back. */
const ANSWER_MS = 2_500;

const NOT_KEPT = 'This could not be stored, so nothing was done. Try again in a moment.';
const SLOW = 'This takes longer than usual and is not stored yet. If you hear nothing more, press again.';
const REOPEN = 'The server stopped before it could open the dialog. Press the button again.';
const GIVEN_UP =
  'What you did in Slack could not be finished. The card shows what was decided; where it shows nothing, do it again.';

/** What is kept: enough to do it without Slack sending it again. */
type Work =
  | { kind: 'press'; press: Press }
  | { kind: 'view'; submission: Submission }
  | { kind: 'words' | 'mention'; written: Written };

/** What became of keeping: a copy is nobody's work; what is lost was not kept. */
type Keeping = { state: 'kept'; kept: Kept } | { state: 'copy' } | { state: 'lost' };

export type Desk = {
  press(press: Press, ack: () => Promise<void>): Promise<void>;
  submit(submission: Submission, ack: (reply: Reply) => Promise<void>): Promise<void>;
  /** Throws where words could not be kept, so that Slack sends them again. */
  words(kind: 'words' | 'mention', written: Written, ack: () => Promise<void>): Promise<void>;
  /** As in Channel. */
  redo(inbound: Inbound, too_late: boolean): Promise<void>;
  /** Resolves when nothing is being done any more. */
  settled(): Promise<void>;
};

type Deps = Pick<DeskDeps, 'door' | 'tell' | 'log'> & {
  presses: Presses;
  submissions: Submissions;
  talk: Talk;
};

export function createDesk(deps: Deps): Desk {
  const running = new Set<Promise<void>>();
  const tracked = async (work: Promise<void>): Promise<void> => {
    running.add(work);
    try {
      await work;
    } finally {
      running.delete(work);
    }
  };
  return {
    press: (press, ack) => tracked(pressed(deps, press, ack)),
    submit: (submission, ack) => tracked(submitted(deps, submission, ack)),
    words: async (kind, written, ack) => {
      const below = kind === 'words' ? belowOf(written) : null;
      // Outside of threads nobody speaks to the app, but in a message to it alone.
      const counts = written.by_person && (below === null || written.thread_ts !== '');
      const id = `${kind}:${written.presser.team}:${written.channel}:${written.ts}`;
      const kept = counts ? await deps.door.keep(inboundOf(id, { kind, written }, below)) : null;
      await reached(deps, ack());
      if (kept) await tracked(finish(deps, kept, () => passOn(deps, { kind, written }, id)));
    },
    redo: (inbound, too_late) => redo(deps, inbound, too_late),
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}

function inboundOf(id: string, payload: Work, below: string | null = null): Inbound {
  return { channel: 'slack', id, payload, ...(below === null ? {} : { below }) };
}

async function keep(
  { door, log }: { door: ChannelDoor } & Pick<Deps, 'log'>,
  inbound: Inbound,
): Promise<Keeping> {
  try {
    const kept = await door.keep(inbound);
    return kept ? { state: 'kept', kept } : { state: 'copy' };
  } catch (error) {
    log.warn({ err: error }, 'What somebody did in Slack could not be kept');
    return { state: 'lost' };
  }
}

/** Does what is kept, to its end; what fails is left to the next try. */
async function finish({ log }: Pick<Deps, 'log'>, kept: Kept, work: () => Promise<void>): Promise<void> {
  try {
    await work();
    await kept.done();
  } catch (error) {
    log.warn({ err: error }, 'What somebody did in Slack is tried again');
    // Where this can't be written either, it is done again when its time is over.
    await kept.later(error).catch(() => undefined);
  }
}

/** Whether an acknowledgement reached Slack; where the connection is gone, what is kept is done all the same. */
async function reached({ log }: Pick<Deps, 'log'>, acknowledging: Promise<void>): Promise<boolean> {
  try {
    await acknowledging;
    return true;
  } catch (error) {
    log.warn({ err: error }, 'Slack could not be told that something arrived');
    return false;
  }
}

async function pressed(deps: Deps, press: Press, ack: () => Promise<void>): Promise<void> {
  const { presses, tell } = deps;
  if (press.action_id === ACTIONS.view) {
    // A button with an address opens it by itself.
    await reached(deps, ack());
    return;
  }
  const id = `press:${press.id}`;
  const told = (message: Message | null) => (message ? tell(listenerOf(press), message) : Promise.resolve());
  // Slack lets a dialog be opened for three seconds: that can't wait until the press is kept.
  const opening = opensDialog(press) ? presses.open(press) : null;
  const keeping = keep(deps, inboundOf(id, { kind: 'press', press }));
  const soon = await inTime<Keeping | null>(keeping, ANSWER_MS, null);
  await reached(deps, ack());
  if (soon === null && !opening) await told(notice(SLOW));
  const kept = await keeping;
  if (kept.state === 'copy') return;
  if (kept.state === 'lost') return told(opening ? await opening : notice(NOT_KEPT));
  await finish(deps, kept.kept, async () => told(await (opening ?? presses.approve(press, id))));
}

function listenerOf({ presser, channel, thread_ts, response_url }: Press) {
  return { team: presser.team, user: presser.user, channel, thread_ts, response_url };
}

async function submitted(
  deps: Deps,
  submission: Submission,
  ack: (reply: Reply) => Promise<void>,
): Promise<void> {
  const { submissions, log } = deps;
  const key = `view:${submission.id}`;
  const keeping = keep(deps, inboundOf(key, { kind: 'view', submission }));
  /** Null where it failed, and is tried again. */
  const working = keeping.then(async (kept): Promise<{ reply: Reply } | null> => {
    if (kept.state === 'copy') return { reply: undefined };
    if (kept.state === 'lost') return { reply: instead('Not done', NOT_KEPT) };
    try {
      return { reply: await submissions.answer({ submission, key, again: false }) };
    } catch (error) {
      log.warn({ err: error, dialog: submission.callback_id }, 'A dialog in Slack is tried again');
      await kept.kept.later(error).catch(() => undefined);
      return null;
    }
  });
  const soon = await inTime(working, ANSWER_MS, null);
  const heard = await reached(
    deps,
    ack(soon ? soon.reply : { response_action: 'update', view: loadingView() }),
  );
  const [done, kept] = [await working, await keeping];
  if (!done || kept.state === 'copy') return;
  if (kept.state === 'lost') return soon && heard ? undefined : submissions.fillIn(submission, done.reply);
  await finish(deps, kept.kept, async () => {
    if (!soon || !heard) await submissions.fillIn(submission, done.reply);
  });
}

function instead(title: string, words: string): Reply {
  return { response_action: 'update', view: noticeView(title, words) };
}

function passOn({ talk }: Deps, { kind, written }: Extract<Work, { written: Written }>, key: string) {
  return kind === 'words' ? talk.heard(written, key) : talk.mentioned(written);
}

async function redo(deps: Deps, { id, payload }: Inbound, too_late: boolean): Promise<void> {
  const { presses, submissions, talk, tell } = deps;
  // Written by this program, and sealed.
  const work = payload as Work;
  switch (work.kind) {
    case 'press': {
      const { press } = work;
      const late = opensDialog(press) ? notice(REOPEN) : too_late ? notice(GIVEN_UP) : null;
      const message = late ?? (await presses.approve(press, id, true));
      if (message) await tell(listenerOf(press), message);
      return;
    }
    case 'view': {
      const { submission } = work;
      const reply = too_late
        ? instead('Not finished', GIVEN_UP)
        : await submissions.answer({ submission, key: id, again: true });
      return submissions.fillIn(submission, reply);
    }
    case 'words':
    case 'mention':
      return too_late ? talk.lost(work.written) : passOn(deps, work, id);
    default:
      return work satisfies never;
  }
}
