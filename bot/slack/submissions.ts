/**
 * Dialogs that were sent: read, prove who, hand to the one door, and answer in the dialog.
 *
 * INVARIANT: Slack has its answer in time whatever the database does: what takes longer is answered by a waiting view
 * that is filled in. INVARIANT: a decision is made on the version that the dialog showed, else it is refused.
 */
import type { ChannelDoor } from '../../server/core/channel-ports.ts';
import { type Command, isRefusal, type Refusal } from '../../server/core/commands.ts';
import type { Principal } from '../../server/core/principal.ts';
import type { Approval } from '../../schemas/approval.ts';
import type { View } from './block-kit.ts';
import { coreCard } from './card-blocks.ts';
import { editFields, editPatch, issuesByField, readEdits } from './edit-fields.ts';
import type { Submission } from './payloads.ts';
import { inTime } from './people.ts';
import { act, closedView, type DeskDeps, refusalWords } from './presses.ts';
import {
  BLOCKS,
  loadingView,
  type Meta,
  noticeView,
  readMeta,
  reviewPageCount,
  reviewView,
  VIEWS,
} from './views.ts';

/** What a view_submission is answered with; undefined closes the dialog. */
export type Reply =
  | undefined
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update'; view: View };

/** Slack waits three seconds; the rest is for the way there and back. */
const ANSWER_MS = 2_000;
const BROKEN = 'Something went wrong here; nothing was approved and nothing ran. Close this and try again.';

/** Answers a dialog within two seconds; what comes later goes into the waiting view. Never throws. */
export function createSubmissions(deps: DeskDeps): (submission: Submission) => Promise<Reply> {
  const { client, door, log } = deps;
  return async (submission) => {
    const working = once(door, submission, () => answered(deps, submission)).catch(
      (error: unknown): Reply => {
        log.warn({ err: error, dialog: submission.callback_id }, 'A dialog in Slack could not be served');
        return shownInstead(noticeView('Not done', BROKEN));
      },
    );
    const late = Symbol('late');
    const reply = await inTime<Reply | typeof late>(working, ANSWER_MS, late);
    if (reply !== late) return reply;
    void working
      .then((final) => fillIn(client, submission.view_id, final))
      .catch((error: unknown) => {
        log.warn({ err: error }, 'A dialog in Slack could not be filled in');
      });
    return shownInstead(loadingView());
  };
}

async function once(door: ChannelDoor, { id }: Submission, work: () => Promise<Reply>): Promise<Reply> {
  const key = `slack-view:${id}`;
  if (!(await door.claimOnce(key))) return undefined;
  try {
    const reply = await work();
    // Nothing was done: the same dialog may be sent again, mended.
    if (reply?.response_action === 'errors') await door.release(key);
    return reply;
  } catch (error) {
    await door.release(key).catch(() => undefined);
    throw error;
  }
}

async function fillIn(client: DeskDeps['client'], view_id: string, reply: Reply): Promise<void> {
  const view =
    reply === undefined
      ? noticeView('Done', 'It is done; the card shows it in a moment.')
      : reply.response_action === 'update'
        ? reply.view
        : noticeView(
            'Not done',
            `${Object.values(reply.errors).join('\n')}\nOpen the dialog again and mend it.`,
          );
  await client.views.update({ view_id, view: view as never });
}

function shownInstead(view: View): Reply {
  return { response_action: 'update', view };
}

async function answered(deps: DeskDeps, submission: Submission): Promise<Reply> {
  const meta = readMeta(submission.private_metadata);
  if (!meta)
    return shownInstead(
      noticeView('Not done', 'This dialog is from an older version of the app. Open it again.'),
    );
  const person = await deps.who(submission.presser);
  if (!person.ok) return shownInstead(noticeView('Not possible', person.words, person.url));
  const { principal } = person;
  const said = (block: string): string => submission.values[block]?.value?.trim() ?? '';
  const reason = said(BLOCKS.reason) === '' ? null : said(BLOCKS.reason);
  const version = meta.v;
  switch (submission.callback_id) {
    case VIEWS.deny: {
      const action = said(BLOCKS.instead);
      const command: Command =
        action === '' ? { type: 'deny', reason, version } : { type: 'override', action, reason, version };
      return decided(deps, principal, meta, command);
    }
    case VIEWS.ask: {
      const asked = await deps.door.ask(principal, meta.a, said(BLOCKS.question), null);
      return isRefusal(asked) ? refused(asked) : undefined;
    }
    case VIEWS.delegate: {
      const to = submission.values[BLOCKS.to]?.selected_option?.value ?? '';
      return decided(deps, principal, meta, { type: 'delegate', to, reason, version });
    }
    case VIEWS.edit:
      return edited(deps, principal, meta, submission, reason);
    case VIEWS.review:
      return reviewed(deps, principal, meta, said(BLOCKS.confirm), reason);
    default:
      return undefined;
  }
}

async function decided(deps: DeskDeps, principal: Principal, { a }: Meta, command: Command): Promise<Reply> {
  const refusal = await act(deps, principal, a, command);
  return refusal ? refused(refusal) : undefined;
}

function refused(refusal: Refusal): Reply {
  return shownInstead(
    noticeView(refusal.code === 'conflict' ? 'Too late' : 'Not done', refusalWords(refusal)),
  );
}

/** The approval as the dialog showed it, or what to say where it has moved on. */
async function current(
  { door, now }: DeskDeps,
  principal: Principal,
  { a, v }: Meta,
): Promise<{ approval: Approval; view_only: boolean } | { reply: Reply }> {
  const shown = await door.shown(principal, a);
  if (isRefusal(shown)) return { reply: refused(shown) };
  if (!coreCard(shown.approval, now()).status.open) return { reply: shownInstead(closedView(shown, now())) };
  if (shown.approval.version !== v) {
    const words =
      'It has changed since you opened this, and nothing was done. The card shows what it is now; read it again.';
    return { reply: shownInstead(noticeView('It has changed', words, shown.approval.url)) };
  }
  return shown;
}

async function edited(
  deps: DeskDeps,
  principal: Principal,
  meta: Meta,
  { values }: Submission,
  reason: string | null,
): Promise<Reply> {
  const found = await current(deps, principal, meta);
  if ('reply' in found) return found.reply;
  const { approval } = found;
  const { fields } = editFields(approval, coreCard(approval, deps.now()));
  const { edits, errors } = readEdits(fields, values);
  if (Object.keys(errors).length > 0) return { response_action: 'errors', errors };
  const [first] = fields;
  if (edits.size === 0 && first) {
    const words = 'Nothing is changed. Change a value, or close this and press Approve.';
    return { response_action: 'errors', errors: { [first.block_id]: words } };
  }
  const command: Command = {
    type: 'approve_with_edits',
    edits: editPatch(approval, edits),
    reason,
    version: meta.v,
  };
  const refusal = await act(deps, principal, meta.a, command);
  if (!refusal) return undefined;
  const placed = issuesByField(fields, refusal.issues ?? []);
  return Object.keys(placed.errors).length > 0
    ? { response_action: 'errors', errors: placed.errors }
    : refused(refusal);
}

/** The next page, or on the last one the approval. */
async function reviewed(
  deps: DeskDeps,
  principal: Principal,
  meta: Meta,
  typed: string,
  reason: string | null,
): Promise<Reply> {
  const found = await current(deps, principal, meta);
  if ('reply' in found) return found.reply;
  const { approval, view_only } = found;
  const page = meta.page ?? 0;
  const now_ms = deps.now();
  const last = page >= reviewPageCount(approval, now_ms) - 1;
  if (!last) return shownInstead(reviewView(approval, now_ms, page + 1, !view_only));
  const { asks, complete } = coreCard(approval, now_ms);
  if (view_only || !complete)
    return shownInstead(noticeView('Not possible', 'It can’t be approved from Slack.', approval.url));
  if (asks.confirm !== null && typed !== asks.confirm.trim()) {
    return {
      response_action: 'errors',
      errors: { [BLOCKS.confirm]: `Type exactly: ${asks.confirm}`.slice(0, 500) },
    };
  }
  return decided(deps, principal, meta, { type: 'approve', reason, version: meta.v });
}
