/**
 * The dialogs: approve with edits, deny, ask, delegate, review in pages, and a notice for everything that went wrong.
 *
 * INVARIANT: a dialog carries which approval and which version it shows, and a decision is made on that version only.
 * INVARIANT: the review can approve on its last page only, and only where all pages together show everything.
 * Pure. Left out: reading edits (edit-fields.ts) and opening (slack-app.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Card } from '../../server/core/card.ts';
import { isRecord } from '../../server/core/json-value.ts';
import {
  type Block,
  context,
  type Input,
  type InputElement,
  type Option,
  paragraph,
  plain,
  rich,
  section,
  text,
  type View,
} from './block-kit.ts';
import { coreCard, type Pressed } from './card-blocks.ts';
import { factPages, saidPages } from './card-text-blocks.ts';
import { editFields, type EditField } from './edit-fields.ts';
import { BUDGET, counted, cut, LIMITS, oneLine } from './limits.ts';

export const VIEWS = {
  edit: 'apr.edit',
  deny: 'apr.deny',
  ask: 'apr.ask',
  delegate: 'apr.delegate',
  review: 'apr.review',
  notice: 'apr.notice',
} as const;

/** Block ids of the inputs that are no edited value. Each has one element, whose action id is `INPUT`. */
export const BLOCKS = {
  reason: 'reason',
  instead: 'instead',
  question: 'question',
  to: 'to',
  confirm: 'confirm',
} as const;
const INPUT = 'value';

/** What a dialog knows of itself: the approval, the version shown, and the page of a review. */
export type Meta = Pressed & { page?: number };

/** The dialog's own note, as it comes back; null for one that this build did not write. */
export function readMeta(private_metadata: string | undefined): Meta | null {
  return readPressed(private_metadata);
}

/** A button's value, or a dialog's note; null for anything else. */
export function readPressed(value: string | undefined): (Pressed & { page?: number }) | null {
  let read: unknown;
  try {
    read = JSON.parse(value ?? '');
  } catch {
    return null;
  }
  if (!isRecord(read) || typeof read['a'] !== 'string' || !Number.isInteger(read['v'])) return null;
  const page = Number.isInteger(read['page']) ? { page: read['page'] as number } : {};
  return { a: read['a'], v: read['v'] as number, ...page };
}

function modal(
  callback_id: string,
  meta: Meta | null,
  title: string,
  blocks: Block[],
  submit?: string,
): View {
  const max = LIMITS.view_title_chars;
  return {
    type: 'modal',
    callback_id,
    ...(meta === null ? {} : { private_metadata: JSON.stringify(meta) }),
    title: plain(title, max),
    ...(submit === undefined ? {} : { submit: plain(submit, max) }),
    close: plain(submit === undefined ? 'Close' : 'Back', max),
    blocks: blocks.slice(0, LIMITS.view_blocks),
  };
}

function metaOf(approval: Approval): Meta {
  return { a: approval.id, v: approval.version };
}

function question(shown: Card): Block {
  const words = shown.question.by_agent ? `In the words of ${oneLine(shown.who.asks, 80)}: ` : '';
  return section(`${shown.risk.word}. ${words}${shown.question.text}`);
}

function input(block_id: string, label: string, element: InputElement, more: Partial<Input> = {}): Input {
  return { type: 'input', block_id, label: plain(label, 200), element, optional: false, ...more };
}

function lines(multiline = true): InputElement {
  return { type: 'plain_text_input', action_id: INPUT, multiline, max_length: LIMITS.input_chars };
}

/** The form that approves with edits. */
export function editView(approval: Approval, now_ms: number): View {
  const shown = coreCard(approval, now_ms);
  const { fields, elsewhere } = editFields(approval, shown);
  const others = elsewhere.length > 0 ? [elsewhereBlock(approval, elsewhere)] : [];
  const note = input(BLOCKS.reason, 'Note', lines(), { optional: shown.asks.reason !== 'always' });
  return modal(
    VIEWS.edit,
    metaOf(approval),
    'Approve with edits',
    [question(shown), ...fields.map(fieldInput), ...others, note],
    'Approve',
  );
}

function elsewhereBlock(approval: Approval, labels: readonly string[]): Block {
  const named = cut(labels.map((label) => oneLine(label, 60)).join(', '), BUDGET.quote_chars);
  return rich(
    paragraph(text(`Can be edited on the page only: ${named}. `), {
      type: 'link',
      url: cut(approval.url, LIMITS.url_chars),
      text: 'Open it',
    }),
  );
}

/** One editable value as an input that holds it as received. */
export function fieldInput(field: EditField): Input {
  const { fact, block_id } = field;
  const hint = [fact.note, fact.help].filter((words) => words !== null).join('. ');
  const optional = ['checkbox', 'multi_select', 'text'].includes(field.input);
  return {
    type: 'input',
    block_id,
    label: plain(fact.label, 200),
    element: elementOf(field),
    optional,
    ...(hint === '' ? {} : { hint: plain(hint, 500) }),
  };
}

function elementOf({ fact, input: kind, choices, schema }: EditField): InputElement {
  const { value } = fact;
  const options = choices.map(({ title }, place): Option => ({
    text: plain(title, LIMITS.option_chars),
    value: String(place),
  }));
  const isChosen = (place: number, among: readonly unknown[]): boolean =>
    among.some((one) => JSON.stringify(one) === JSON.stringify(choices[place]?.value));
  switch (kind) {
    case 'select': {
      const initial = options.find((_, place) => isChosen(place, [value]));
      return {
        type: 'static_select',
        action_id: INPUT,
        options,
        ...(initial ? { initial_option: initial } : {}),
      };
    }
    case 'multi_select': {
      const initial = options.filter((_, place) => isChosen(place, value as unknown[]));
      const chosen = initial.length > 0 ? { initial_options: initial } : {};
      return { type: 'multi_static_select', action_id: INPUT, options, ...chosen };
    }
    case 'checkbox': {
      const yes: Option = { text: plain('Yes', LIMITS.option_chars), value: 'true' };
      return {
        type: 'checkboxes',
        action_id: INPUT,
        options: [yes],
        ...(value === true ? { initial_options: [yes] } : {}),
      };
    }
    case 'date':
      return { type: 'datepicker', action_id: INPUT, initial_date: String(value) };
    case 'number':
      return {
        type: 'number_input',
        action_id: INPUT,
        initial_value: String(value),
        ...numberLimits(schema, Number(value)),
      };
    case 'text': {
      const words = String(value);
      const multiline =
        ['multiline', 'markdown', 'code'].includes(fact.kind) || /\n/.test(words) || words.length > 120;
      return { ...lines(multiline), ...(words === '' ? {} : { initial_value: words }) };
    }
    default:
      return kind satisfies never;
  }
}

/** Limits that the value itself keeps to: Slack refuses a form whose first value is outside. The core holds them all. */
function numberLimits(
  schema: Record<string, unknown>,
  value: number,
): { is_decimal_allowed: boolean; min_value?: string; max_value?: string } {
  const { minimum, maximum, type } = schema;
  const written = (limit: unknown): limit is number =>
    typeof limit === 'number' && /^-?\d+(\.\d+)?$/.test(String(limit));
  return {
    is_decimal_allowed: type !== 'integer',
    ...(written(minimum) && minimum <= value ? { min_value: String(minimum) } : {}),
    ...(written(maximum) && maximum >= value ? { max_value: String(maximum) } : {}),
  };
}

/** The form that denies, or names another action. */
export function denyView(approval: Approval, now_ms: number): View {
  const shown = coreCard(approval, now_ms);
  const due = shown.asks.reason === 'reject' || shown.asks.reason === 'always';
  const said =
    approval.if_denied === null
      ? []
      : [section(`If you say no, ${oneLine(shown.who.asks, 80)} says: ${approvalWords(shown)}`)];
  return modal(
    VIEWS.deny,
    metaOf(approval),
    'Deny',
    [
      question(shown),
      ...said,
      input(BLOCKS.reason, 'Reason', lines(), { optional: !due }),
      input(BLOCKS.instead, 'What should be done instead?', lines(), {
        optional: true,
        hint: plain('The agent is told to do this in place of what it asked for.', 200),
      }),
    ],
    'Deny',
  );
}

function approvalWords(shown: Card): string {
  return shown.says.find(({ kind }) => kind === 'if_denied')?.lines.join('\n') ?? '';
}

export function askView(approval: Approval, now_ms: number): View {
  const shown = coreCard(approval, now_ms);
  return modal(
    VIEWS.ask,
    metaOf(approval),
    'Ask a question',
    [
      question(shown),
      input(BLOCKS.question, 'Your question', lines()),
      context(
        `${oneLine(shown.who.asks, 80)} answers in the thread of the card. A decision stays possible meanwhile.`,
      ),
    ],
    'Ask',
  );
}

/** The form that passes it on; `deciders` are the members it may go to, of whom Slack draws the first hundred. */
export function delegateView(
  approval: Approval,
  now_ms: number,
  deciders: readonly { id: string; name: string }[],
): View {
  const shown = coreCard(approval, now_ms);
  const options = deciders
    .slice(0, LIMITS.select_options)
    .map(({ id, name }) => ({ text: plain(name, LIMITS.option_chars), value: id }));
  if (options.length === 0) return noticeView('Delegate', 'There is nobody else who could decide this.');
  return modal(
    VIEWS.delegate,
    metaOf(approval),
    'Delegate',
    [
      question(shown),
      input(BLOCKS.to, 'Who should decide instead?', { type: 'static_select', action_id: INPUT, options }),
      input(BLOCKS.reason, 'Note', lines(), { optional: true }),
    ],
    'Delegate',
  );
}

/** How many pages a review has. */
export function reviewPageCount(approval: Approval, now_ms: number): number {
  return reviewPages(coreCard(approval, now_ms)).length;
}

function reviewPages(shown: Card): Block[][] {
  return [...saidPages(shown), ...factPages(shown)].filter((page) => page.length > 0);
}

/** One page of everything; the last one approves, where nothing at all is hidden. Pages count from 0. */
export function reviewView(approval: Approval, now_ms: number, page: number, can_approve: boolean): View {
  const shown = coreCard(approval, now_ms);
  const pages = reviewPages(shown);
  const at = Math.min(Math.max(page, 0), Math.max(pages.length - 1, 0));
  const last = at >= pages.length - 1;
  const approves = last && can_approve && shown.complete && shown.status.open;
  const hidden = shown.complete
    ? []
    : [
        context(
          `${counted(shown.unshown.length, 'value')} hidden here, so it can't be approved from Slack. Open the page to see.`,
        ),
      ];
  const end = last ? [...hidden, ...(approves ? approveInputs(shown) : [openLink(approval)])] : [];
  return modal(
    VIEWS.review,
    { ...metaOf(approval), page: at },
    `Review, ${at + 1} of ${Math.max(pages.length, 1)}`,
    [...(at === 0 ? [question(shown)] : []), ...(pages[at] ?? []), ...end],
    last ? (approves ? 'Approve' : undefined) : 'Next page',
  );
}

function openLink(approval: Approval): Block {
  return rich(paragraph({ type: 'link', url: cut(approval.url, LIMITS.url_chars), text: 'Open the page' }));
}

function approveInputs(shown: Card): Block[] {
  const { confirm, reason } = shown.asks;
  return [
    ...(confirm === null
      ? []
      : [section(`To approve, type: ${confirm}`), input(BLOCKS.confirm, 'Type it here', lines(false))]),
    input(BLOCKS.reason, 'Note', lines(), { optional: reason !== 'always' }),
  ];
}

/** Something a person has to know instead of what they wanted: decided meanwhile, expired, not allowed. */
export function noticeView(title: string, words: string, url?: string): View {
  const link =
    url === undefined
      ? []
      : [rich(paragraph({ type: 'link', url: cut(url, LIMITS.url_chars), text: 'Open it' }))];
  return modal(VIEWS.notice, null, title, [section(words), ...link]);
}

/** What stands there while something takes longer; it is filled in, or said to be done. */
export function loadingView(): View {
  return modal(VIEWS.notice, null, 'One moment', [
    section('This takes a little longer. It goes on by itself.'),
  ]);
}
