/**
 * Presses of buttons: prove who, then hand the decision to the one door, or open a dialog.
 *
 * INVARIANT: a press decides only what the card of that very version could approve. A press is never silent: whoever
 * can't be served is told why, alone. INVARIANT: one press is one command, however often Slack sends it.
 * Left out: updating the card, which the server does from what is stored.
 */
import type { ChannelDoor, Shown } from '../../server/core/channel-ports.ts';
import { type Command, isRefusal, type Refusal } from '../../server/core/commands.ts';
import type { Principal } from '../../server/core/principal.ts';
import { type Message, notice, type View } from './block-kit.ts';
import { ACTIONS, coreCard, isWhole, needsWords, type Pressed } from './card-blocks.ts';
import type { Press } from './payloads.ts';
import { inTime, type Person, type Presser } from './people.ts';
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
import type { WebClient } from './web-client.ts';

export type DeskDeps = {
  door: ChannelDoor;
  client: WebClient;
  who: (presser: Presser) => Promise<Person>;
  now: () => number;
  log: { warn(fields: Record<string, unknown>, message: string): void };
};

/** Answers the person alone; may fail. */
export type Respond = (message: Message) => Promise<void>;

export const OLD_CARD =
  'This card is from an older version of the app. Open the approval from the list: /approvals list';
const BROKEN =
  'Something went wrong here; nothing was approved and nothing ran. Try again, or open the page.';
/** A dialog has to be opened within three seconds of the press; what takes longer is filled in afterwards. */
const OPEN_MS = 1_000;

/** Handles a press that was acknowledged already. Never throws. */
export function createPresses(deps: DeskDeps): (press: Press, respond: Respond) => Promise<void> {
  const { door, log } = deps;
  return async (press, respond) => {
    const key = `slack-press:${press.id}`;
    let claimed = false;
    try {
      claimed = await door.claimOnce(key);
      if (!claimed) return;
      await served(deps, press, respond);
    } catch (error) {
      log.warn({ err: error, action: press.action_id }, 'A press in Slack could not be served');
      if (claimed) await door.release(key).catch(() => undefined);
      await tell(deps, press, respond, notice(BROKEN));
    }
  };
}

async function served(deps: DeskDeps, press: Press, respond: Respond): Promise<void> {
  // A button with an address opens it by itself.
  if (press.action_id === ACTIONS.view) return;
  const pressed = readPressed(press.value);
  const action = Object.entries(ACTIONS).find(([, id]) => id === press.action_id)?.[0] as
    | keyof typeof ACTIONS
    | undefined;
  if (!pressed || !action || action === 'view') return tell(deps, press, respond, notice(OLD_CARD));
  if (action !== 'approve')
    return dialog(deps, press, respond, (person) => viewFor(deps, action, pressed, person));
  const person = await deps.who(press.presser);
  if (!person.ok) return tell(deps, press, respond, notice(person.words, person.url));
  const refused = await approve(deps, person.principal, pressed);
  if (refused) await tell(deps, press, respond, notice(refusalWords(refused)));
}

/** Approves what a card showed whole; the refusal where it may not. */
async function approve(deps: DeskDeps, principal: Principal, { a, v }: Pressed): Promise<Refusal | null> {
  const shown = await deps.door.shown(principal, a);
  if (isRefusal(shown)) return shown;
  const stop = shown.approval.version === v ? mayNotPress(shown, deps.now()) : null;
  if (stop) return { refused: true, code: 'forbidden', detail: stop };
  return act(deps, principal, a, { type: 'approve', version: v });
}

/** Why a plain press can't approve this; null where it can. */
function mayNotPress({ approval, view_only }: Shown, now_ms: number): string | null {
  const shown = coreCard(approval, now_ms);
  if (!shown.status.open) return null;
  if (view_only) return `${shown.risk.word} can’t be approved from Slack here. Open it: ${approval.url}`;
  if (!isWhole(shown)) return 'The card does not show all of it. Press Review and read it first.';
  return needsWords(shown) ? 'It asks for a reason or a confirmation. Press Review.' : null;
}

/** A command through the one door; null when it was done. */
export async function act(
  { door }: Pick<DeskDeps, 'door'>,
  principal: Principal,
  id: string,
  command: Command,
): Promise<Refusal | null> {
  const done = await door.act(principal, id, command);
  return isRefusal(done) ? done : null;
}

/** A refusal for a person: what it says, and every place that is wrong. */
export function refusalWords({ detail, issues = [] }: Refusal): string {
  return [detail, ...issues.map(({ message, location }) => `${location}: ${message}`)]
    .join('\n')
    .slice(0, 2_000);
}

/** Opens a dialog at once, and fills it in when its content takes longer. */
async function dialog(
  { client, who }: DeskDeps,
  press: Press,
  respond: Respond,
  make: (person: Person & { ok: true }) => Promise<View>,
): Promise<void> {
  const working = (async (): Promise<View> => {
    const person = await who(press.presser);
    return person.ok ? make(person) : noticeView('Not possible', person.words, person.url);
  })();
  const ready = await inTime<View | null>(working, OPEN_MS, null);
  const { trigger_id } = press;
  if (ready) {
    await client.views.open({ trigger_id, view: ready as never });
    return;
  }
  const opened = await client.views.open({ trigger_id, view: loadingView() as never });
  const view_id = opened.view?.id;
  const view = await working.catch(() => noticeView('Not possible', BROKEN));
  if (view_id) await client.views.update({ view_id, view: view as never });
  else await respond(notice(BROKEN));
}

async function viewFor(
  { door, now }: DeskDeps,
  action: Exclude<keyof typeof ACTIONS, 'approve' | 'view'>,
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

/** Tells the person alone, by the press's own answer, else beside the card. */
async function tell(
  { client, log }: DeskDeps,
  press: Press,
  respond: Respond,
  message: Message,
): Promise<void> {
  try {
    await respond(message);
  } catch {
    const { channel, presser } = press;
    try {
      await client.chat.postEphemeral({ channel, user: presser.user, ...message });
    } catch (error) {
      log.warn({ err: error }, 'Somebody in Slack could not be told why a press did nothing');
    }
  }
}
