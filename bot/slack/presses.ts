/**
 * Presses of buttons: prove who, then hand the decision to the one door, or open a dialog.
 *
 * INVARIANT: a press decides only what the card of that very version could approve. A press is never silent: whoever
 * can't be served is told why, alone. INVARIANT: one press is one command, however often it is tried.
 * Left out: keeping the press (desk.ts), and updating the card, which the server does from what is stored.
 */
import type { ChannelDoor, Shown } from '../../server/core/channel-ports.ts';
import { type Command, isRefusal, type Refusal } from '../../server/core/commands.ts';
import type { Principal } from '../../server/core/principal.ts';
import { type Message, notice, type View } from './block-kit.ts';
import { ACTIONS, coreCard, isWhole, needsWords, type Pressed } from './card-blocks.ts';
import type { Clients } from './clients.ts';
import type { Press } from './payloads.ts';
import { inTime, orLater, type Person, type Presser } from './people.ts';
import type { Tell } from './telling.ts';
import {
  askView,
  delegateView,
  denyView,
  editView,
  loadingView,
  noticeView,
  readPressed,
  reviewView,
} from './views.ts';

export type DeskDeps = Pick<Clients, 'ofTeam' | 'silenceOf'> & {
  door: ChannelDoor;
  who: (presser: Presser) => Promise<Person>;
  tell: Tell;
  now: () => number;
  log: { warn(fields: Record<string, unknown>, message: string): void };
};

export type Presses = {
  /** Opens the dialog of a press; answers what its person has to be told instead, null when it stands open. Never throws. */
  open(press: Press): Promise<Message | null>;
  /** Approves, or answers why not; null when it is done. Throws what may be tried again with the same key; `again`: it is. */
  approve(press: Press, key: string, again?: boolean): Promise<Message | null>;
};

export const OLD_CARD =
  'This card is from an older version of the app. Open the approval from the list: /approvals list';
const NOT_OPENED = 'The dialog could not be opened in time, and nothing was done. Press the button again.';
const BROKEN =
  'Something went wrong here; nothing was approved and nothing ran. Close this and press the button again.';
/** A dialog has to be opened within three seconds of the press; what takes longer is filled in afterwards. */
const OPEN_MS = 1_000;

type Action = keyof typeof ACTIONS;

function actionOf({ action_id }: Press): Action | null {
  const found = Object.entries(ACTIONS).find(([, id]) => id === action_id);
  return found ? (found[0] as Action) : null;
}

/** Whether a press opens a dialog, which Slack allows for three seconds only. */
export function opensDialog(press: Press): boolean {
  const action = actionOf(press);
  return action !== null && action !== 'approve' && action !== 'view' && readPressed(press.value) !== null;
}

export function createPresses(deps: DeskDeps): Presses {
  return {
    open: async (press) => {
      const pressed = readPressed(press.value);
      const action = actionOf(press);
      if (!pressed || !action || action === 'approve' || action === 'view') return notice(OLD_CARD);
      try {
        await dialog(deps, press, (person) => viewFor(deps, action, pressed, person));
        return null;
      } catch (error) {
        deps.log.warn({ err: error, action: press.action_id }, 'A dialog in Slack could not be opened');
        const silent = await deps.silenceOf(press.presser.team).catch(() => null);
        return silent ? notice(silent.words, silent.url) : notice(NOT_OPENED);
      }
    },
    approve: async (press, key, again = false) => {
      const pressed = readPressed(press.value);
      if (!pressed || actionOf(press) !== 'approve') return notice(OLD_CARD);
      const person = await deps.who(press.presser);
      if (again) orLater(person);
      if (!person.ok) return notice(person.words, person.url);
      const refused = await approve(deps, person.principal, pressed, key);
      return refused && notice(refusalWords(refused));
    },
  };
}

/** Approves what a card showed whole; the refusal where it may not. */
async function approve(
  deps: DeskDeps,
  principal: Principal,
  { a, v }: Pressed,
  key: string,
): Promise<Refusal | null> {
  const shown = await deps.door.shown(principal, a);
  if (isRefusal(shown)) return shown;
  const stop = shown.approval.version === v ? mayNotPress(shown, deps.now()) : null;
  if (stop) return { refused: true, code: 'forbidden', detail: stop };
  return act(deps, principal, a, { type: 'approve', version: v }, key);
}

/** Why a plain press can't approve this; null where it can. */
function mayNotPress({ approval, view_only }: Shown, now_ms: number): string | null {
  const shown = coreCard(approval, now_ms);
  if (!shown.status.open) return null;
  if (view_only) return `${shown.risk.word} can’t be approved from Slack here. Open it: ${approval.url}`;
  if (!isWhole(shown)) return 'The card does not show all of it. Press Review and read it first.';
  return needsWords(shown) ? 'It asks for a reason or a confirmation. Press Review.' : null;
}

/** A command through the one door; null when it was done, now or before under the same key. */
export async function act(
  { door }: Pick<DeskDeps, 'door'>,
  principal: Principal,
  id: string,
  command: Command,
  key: string,
): Promise<Refusal | null> {
  const done = await door.act(principal, id, command, key);
  return isRefusal(done) ? done : null;
}

/** A refusal for a person: what it says, and every place that is wrong. */
export function refusalWords({ detail, issues = [] }: Refusal): string {
  return [detail, ...issues.map(({ message, location }) => `${location}: ${message}`)]
    .join('\n')
    .slice(0, 2_000);
}

/** Opens a dialog at once, and fills it in when its content takes longer. Throws when it does not stand open. */
async function dialog(
  { ofTeam, who, log }: DeskDeps,
  press: Press,
  make: (person: Person & { ok: true }) => Promise<View>,
): Promise<void> {
  const client = ofTeam(press.presser.team);
  const working = (async (): Promise<View> => {
    const person = await who(press.presser);
    return person.ok ? make(person) : noticeView('Not possible', person.words, person.url);
  })();
  const { trigger_id } = press;
  const ready = await inTime<View | null>(
    working.catch(() => null),
    OPEN_MS,
    null,
  );
  if (ready) {
    await client.views.open({ trigger_id, view: ready as never });
    return;
  }
  const opened = await client.views.open({ trigger_id, view: loadingView() as never });
  const view = await working.catch((error: unknown) => {
    log.warn({ err: error }, 'A dialog in Slack could not be filled in');
    return noticeView('Not possible', BROKEN);
  });
  await client.views.update({ view_id: opened.view?.id ?? '', view: view as never });
}

async function viewFor(
  { door, now }: DeskDeps,
  action: Exclude<Action, 'approve' | 'view'>,
  { a, v }: Pressed,
  { principal }: Person & { ok: true },
): Promise<View> {
  const shown = await door.shown(principal, a);
  if (isRefusal(shown)) return noticeView('Not possible', refusalWords(shown));
  const { approval, view_only } = shown;
  const now_ms = now();
  const card = coreCard(approval, now_ms);
  if (!card.status.open && action !== 'review') return closedView(shown, now_ms);
  if (action === 'edit' && approval.version !== v) {
    return noticeView(
      'It has changed',
      'It has changed since this card was drawn. Read the card again; it shows the latest.',
    );
  }
  switch (action) {
    case 'edit':
      return view_only || !isWhole(card)
        ? noticeView('Not possible', 'It can’t be approved from Slack.', approval.url)
        : editView(approval, now_ms);
    case 'deny':
      return denyView(approval, now_ms);
    case 'ask':
      return askView(approval, now_ms);
    case 'delegate':
      return delegateView(
        approval,
        now_ms,
        (await door.deciders(principal)).filter(({ id }) => id !== principal.id),
      );
    case 'review':
      return reviewView(approval, now_ms, 0, !view_only);
    default:
      return action satisfies never;
  }
}

/** What became of it, for somebody who came too late. */
export function closedView({ approval }: Pick<Shown, 'approval'>, now_ms: number): View {
  const { outcome, status } = coreCard(approval, now_ms);
  const by = outcome?.by ? ` by ${outcome.by}` : '';
  const via = outcome?.via ? ` via ${outcome.via}` : '';
  const at = outcome?.at ? `, ${outcome.at}` : '';
  return noticeView(status.word, `${status.word}${by}${via}${at}. Nothing was changed by you.`, approval.url);
}
