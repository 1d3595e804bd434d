/**
 * Dialogs that were sent: read, prove who, hand to the one door, and what is answered in the dialog.
 *
 * INVARIANT: a decision is made on the version that the dialog showed, else it is refused; once, however often a dialog
 * is tried.
 * Left out: keeping the dialog and answering in time (desk.ts).
 */
import { isRefusal, type Command, type Refusal } from '../../server/core/commands.ts';
import type { Principal } from '../../server/core/principal.ts';
import type { Approval } from '../../schemas/approval.ts';
import { notice, type View } from './block-kit.ts';
import { coreCard } from './card-blocks.ts';
import { editFields, editPatch, issuesByField, readEdits } from './edit-fields.ts';
import type { Submission } from './payloads.ts';
import { orLater } from './people.ts';
import { act, closedView, type DeskDeps, refusalWords } from './presses.ts';
import { BLOCKS, type Meta, noticeView, readMeta, reviewPageCount, reviewView, VIEWS } from './views.ts';

/** What a view_submission is answered with; undefined closes the dialog. */
export type Reply =
  | undefined
  | { response_action: 'errors'; errors: Record<string, string> }
  | { response_action: 'update'; view: View };

/** One dialog: `key` is what it is done under, `again` true where it may have been done before. */
export type Sent = { submission: Submission; key: string; again: boolean };

export type Submissions = {
  /** Does what a dialog asks for; throws what may be tried again with the same key. */
  answer(sent: Sent): Promise<Reply>;
  /** Shows an answer that came late in the dialog; tells the person alone where it is closed by now. */
  fillIn(submission: Submission, reply: Reply): Promise<void>;
};

export function createSubmissions(deps: DeskDeps): Submissions {
  return {
    answer: (sent) => answered(deps, sent),
    fillIn: (submission, reply) => fillIn(deps, submission, reply),
  };
}

async function fillIn({ ofTeam, tell }: DeskDeps, submission: Submission, reply: Reply): Promise<void> {
  const view = shownLate(reply);
  try {
    const client = ofTeam(submission.presser.team);
    await client.views.update({ view_id: submission.view_id, view: view as never });
  } catch {
    // Closed, or Slack is down. What is done shows on the card; what is not has to be said.
    if (reply === undefined || view.callback_id !== VIEWS.notice) return;
    const { team, user } = submission.presser;
    await tell({ team, user, channel: '', thread_ts: '', response_url: '' }, notice(wordsOf(view)));
  }
}

function shownLate(reply: Reply): View {
  if (reply === undefined) return noticeView('Done', 'It is done; the card shows it in a moment.');
  if (reply.response_action === 'update') return reply.view;
  const wrong = Object.values(reply.errors).join('\n');
  return noticeView('Not done', `${wrong}\nOpen the dialog again and mend it.`);
}

function wordsOf({ title, blocks }: View): string {
  const said = blocks.flatMap((block) => (block.type === 'section' ? [block.text.text] : []));
  return [title?.text ?? '', ...said].join('. ');
}

function shownInstead(view: View): Reply {
  return { response_action: 'update', view };
}

/** What a dialog says, and who says it. */
type At = { principal: Principal; meta: Meta; key: string };

async function answered(deps: DeskDeps, { submission, key, again }: Sent): Promise<Reply> {
  const meta = readMeta(submission.private_metadata);
  if (!meta)
    return shownInstead(
      noticeView('Not done', 'This dialog is from an older version of the app. Open it again.'),
    );
  const person = await deps.who(submission.presser);
  if (again) orLater(person);
  if (!person.ok) return shownInstead(noticeView('Not possible', person.words, person.url));
  const { principal } = person;
  // Done before, by a process that died before it could say so: its own decision is in nobody's way.
  if (again && (await deps.door.wasDone(principal, key))) return undefined;
  const at: At = { principal, meta, key };
  const said = (block: string): string => submission.values[block]?.value?.trim() ?? '';
  const reason = said(BLOCKS.reason) === '' ? null : said(BLOCKS.reason);
  const version = meta.v;
  switch (submission.callback_id) {
    case VIEWS.deny: {
      const action = said(BLOCKS.instead);
      const command: Command =
        action === '' ? { type: 'deny', reason, version } : { type: 'override', action, reason, version };
      return decided(deps, at, command);
    }
    case VIEWS.ask: {
      const question = { content: said(BLOCKS.question), below: null, key };
      const asked = await deps.door.ask(principal, meta.a, question);
      return isRefusal(asked) ? refused(asked) : undefined;
    }
    case VIEWS.delegate: {
      const to = submission.values[BLOCKS.to]?.selected_option?.value ?? '';
      return decided(deps, at, { type: 'delegate', to, reason, version });
    }
    case VIEWS.edit:
      return edited(deps, at, submission, reason);
    case VIEWS.review:
      return reviewed(deps, at, said(BLOCKS.confirm), reason);
    default:
      return undefined;
  }
}

async function decided(deps: DeskDeps, { principal, meta, key }: At, command: Command): Promise<Reply> {
  const refusal = await act(deps, principal, meta.a, command, key);
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
  { principal, meta: { a, v } }: At,
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

async function edited(deps: DeskDeps, at: At, { values }: Submission, reason: string | null): Promise<Reply> {
  const found = await current(deps, at);
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
    version: at.meta.v,
  };
  const refusal = await act(deps, at.principal, at.meta.a, command, at.key);
  if (!refusal) return undefined;
  const placed = issuesByField(fields, refusal.issues ?? []);
  return Object.keys(placed.errors).length > 0
    ? { response_action: 'errors', errors: placed.errors }
    : refused(refusal);
}

/** The next page, or on the last one the approval. */
async function reviewed(deps: DeskDeps, at: At, typed: string, reason: string | null): Promise<Reply> {
  const found = await current(deps, at);
  if ('reply' in found) return found.reply;
  const { approval, view_only } = found;
  const page = at.meta.page ?? 0;
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
  return decided(deps, at, { type: 'approve', reason, version: at.meta.v });
}
