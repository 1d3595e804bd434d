/**
 * The card: an approval in its latest state as one Slack message.
 *
 * INVARIANT: Approve is on a card only while a decision is possible, the card shows everything that would happen, and
 * the workspace lets Slack approve this risk. INVARIANT: a decided card has no buttons.
 * A pure function of what is stored: who pressed what before does not matter. Left out: dialogs (edit-view.ts and its
 * neighbours), and who may press (the core, at the moment of the press).
 */
import type { Approval } from '../../schemas/approval.ts';
import { schemaFor } from '../../schemas/templates.ts';
import { type Card, card } from '../../server/core/card.ts';
import { votesLine } from '../../server/core/card-routing.ts';
import { statusWord } from '../../server/core/card-status.ts';
import { visible } from '../../server/core/card-text.ts';
import type { Shown } from '../../server/core/channel-ports.ts';
import type { Happened } from '../../server/core/commands.ts';
import {
  type Block,
  type Button,
  context,
  escaped,
  header,
  type Message,
  moment,
  paragraph,
  plain,
  quote,
  rich,
  type Run,
  text,
  withIds,
} from './block-kit.ts';
import { lineBlocks, linePages, saidBlocks, tableOf } from './card-text-blocks.ts';
import { editFields } from './edit-fields.ts';
import { BUDGET, counted, cut, LIMITS, oneLine } from './limits.ts';

/** What the server says is shown (channel-ports.ts), and the moment: an open approval whose time is over is expired. */
export type CardInput = Omit<Shown, 'public_url'> & { now_ms: number };

/** What a button carries: which approval, and the version that the person saw. Never who, and never what. */
export type Pressed = { a: string; v: number };

export const ACTIONS = {
  approve: 'apr.approve',
  edit: 'apr.edit',
  deny: 'apr.deny',
  ask: 'apr.ask',
  view: 'apr.view',
  review: 'apr.review',
  delegate: 'apr.delegate',
} as const;

/** The card of an approval for Slack's readers: English, UTC where Slack can't put it into their own time. */
export function coreCard(approval: Approval, now_ms: number): Card {
  const schema = schemaFor(approval.type, approval.escalation_schema);
  return card(approval, schema, { locale: 'en', time_zone: 'UTC', now_ms });
}

/** The message of an approval in its state; at most 50 blocks. */
export function cardMessage(input: CardInput): Message {
  const { approval } = input;
  const shown = coreCard(approval, input.now_ms);
  const body = bodyOf(shown);
  const blocks = [
    header(titleOf(shown)),
    ...questionBlocks(shown),
    ...stateBlocks(shown, input),
    ...body.blocks,
    ...(shown.status.open ? openBlocks(shown, input, body.left_out) : [closingBlock(approval)]),
  ];
  return { text: fallbackText(shown), blocks: withIds(blocks, `apr:${approval.id}:${approval.version}`) };
}

/** One line for notifications and screen readers, where Slack would read markup: it is escaped. */
function fallbackText(shown: Card): string {
  const { risk, question, status } = shown;
  return escaped(`${risk.word} approval: ${oneLine(question.text, 300)} (${status.word.toLowerCase()})`);
}

/** Whether a card of it holds everything a person has to see before approving. */
export function isWhole(shown: Card): boolean {
  return bodyOf(shown).left_out === 0 && shown.complete;
}

/** Whether a plain press may approve it: nothing has to be typed first. */
export function needsWords(shown: Card): boolean {
  return shown.asks.confirm !== null || shown.asks.reason === 'always';
}

const MARK: Readonly<Record<string, string>> = {
  success: '✓',
  danger: '✕',
  warning: '!',
  neutral: '–',
  info: '…',
};

function titleMark(shown: Card): string {
  if (shown.status.open) return shown.risk.word;
  return `${MARK[shown.status.tone] ?? ''} ${shown.status.word}`;
}

function titleOf(shown: Card): string {
  const { text: asked, by_agent } = shown.question;
  // What is decided is not asked any more; words of an agent stay as they are.
  const words = shown.status.open || by_agent ? asked : asked.replace(/\?$/, '');
  return `${titleMark(shown)} · ${words}`;
}

function questionBlocks(shown: Card): Block[] {
  const { question } = shown;
  const title = titleOf(shown);
  const whole = oneLine(title, LIMITS.header_chars) === title.trim();
  const name = oneLine(shown.who.asks, 80);
  if (whole) return question.by_agent ? [context(`The title is in the words of ${name}.`)] : [];
  const words = question.by_agent ? [text(`In the words of ${name}: `, 'italic')] : [];
  return [rich(paragraph(...words, text(cut(question.text, BUDGET.block_chars), 'bold')))];
}

/** Facts, a table and the agent's words; `left_out` counts what the card can't hold. */
function bodyOf(shown: Card): { blocks: Block[]; left_out: number } {
  const { table, rest } = tableOf(shown);
  const [page = [], ...more] = linePages(rest);
  const size = { chars: BUDGET.beginning_chars, lines: BUDGET.beginning_lines };
  const lines = more.length === 0 ? page : (linePages(rest, size)[0] ?? []);
  const all = page.length + more.reduce((sum, { length }) => sum + length, 0);
  const said = saidBlocks(shown);
  const question_cut = shown.question.text.length > BUDGET.block_chars ? 1 : 0;
  return {
    blocks: [...said.before, ...lineBlocks(lines), ...(table ? [table] : []), ...said.after],
    left_out: all - lines.length + (said.cut ? 1 : 0) + question_cut,
  };
}

/** Who asks since when, and what has happened: votes, questions, delegation, or the outcome. */
function stateBlocks(shown: Card, { approval, events, view_only }: CardInput): Block[] {
  const who: Run[] = [
    text(oneLine(shown.who.asks, 120), 'bold'),
    text(shown.who.key === null ? ' asks · ' : ` asks, with the key “${oneLine(shown.who.key, 80)}” · `),
    moment(approval.created_at, shown.created.text),
  ];
  const expiry = shown.status.open
    ? [text(' · expires '), moment(approval.expires_at, shown.expires.text)]
    : [];
  const lines = [
    ...(shown.who.on_behalf_of === null ? [] : [`On behalf of ${shown.who.on_behalf_of}`]),
    `${shown.kind} · ${shown.action_type} · ${approval.id} · version ${approval.version}`,
    ...(shown.status.open ? talkLines(shown, approval, events) : []),
    ...(view_only && shown.status.open
      ? [`${shown.risk.word}: it can't be approved from Slack. Open it to approve; deny and ask here.`]
      : []),
    ...(asksOneself(approval) && shown.status.open
      ? [`${approval.requested_by.name} asked for this in person.`]
      : []),
  ];
  return [rich(paragraph(...who, ...expiry)), context(...lines), ...outcomeBlocks(shown, approval, events)];
}

function asksOneself(approval: Approval): boolean {
  return approval.requested_by.kind === 'member';
}

function talkLines(shown: Card, approval: Approval, events: readonly Happened[]): string[] {
  const votes = votesLine(shown, approval);
  const passed = events.findLast((event) => event.type === 'approval.delegated');
  const asked = events.findLast((event) => event.type === 'approval.question_asked');
  const answered = events.findLast((event) => event.type === 'approval.answered');
  return [
    ...(votes === '' ? [] : [votes]),
    ...(passed?.type === 'approval.delegated'
      ? [`Delegated to ${passed.data.to_name} by ${passed.actor.name}`]
      : approval.delegated_to === null
        ? []
        : ['Delegated']),
    ...(approval.open_question
      ? [
          `${asked ? asked.actor.name : 'Somebody'} asked a question; the agent has not answered yet. A decision is still possible.`,
        ]
      : answered
        ? [`${answered.actor.name} answered a question; see the thread.`]
        : []),
  ];
}

const EXPIRED = statusWord('expired');
const NOBODY = 'Nobody decided in time, which counts as a denial.';

/** Who decided, how and when, what was changed, and what running it gave. */
function outcomeBlocks(shown: Card, approval: Approval, events: readonly Happened[]): Block[] {
  const { outcome, run } = shown;
  if (outcome === null) return [];
  const by = outcome.by === null ? byNobody(approval, events) : ` by ${oneLine(outcome.by, 120)}`;
  const at = approval.decision?.decided_at ?? approval.decided_at;
  const line: Run[] = [
    text(`${decidedWord(shown, approval)}${by}`, 'bold'),
    ...(outcome.via === null ? [] : [text(` via ${oneLine(outcome.via, 40)}`)]),
    ...(at === null ? [] : [text(' · '), moment(at, outcome.at ?? at)]),
  ];
  const changes = outcome.changes.slice(0, 20).map(({ label, from, to }) => ({
    type: 'rich_text_section' as const,
    elements: [
      text(`${oneLine(label, 120)}:`, 'bold'),
      text(` ${oneLine(from ?? 'nothing', 200)} → ${oneLine(to ?? 'nothing', 200)}`),
    ],
  }));
  const more = outcome.changes.length - changes.length;
  const withdrawn = withdrawalIn(events)?.data.reason;
  const reason = outcome.reason ?? (withdrawn ? visible(withdrawn) : null);
  return [
    rich(
      paragraph(...line),
      ...(approval.decision === null && shown.status.word === EXPIRED ? [paragraph(text(NOBODY))] : []),
      ...(reason === null ? [] : [quote(text(cut(reason, BUDGET.quote_chars)))]),
      ...(outcome.instead === null
        ? []
        : [paragraph(text('Instead:', 'bold')), quote(text(cut(outcome.instead, BUDGET.quote_chars)))]),
      ...(changes.length === 0
        ? []
        : [{ type: 'rich_text_list' as const, style: 'bullet' as const, indent: 0, elements: changes }]),
      ...(more > 0 ? [paragraph(text(`and ${more} more changes`, 'italic'))] : []),
    ),
    ...(run === null ? [] : [runBlock(run)]),
  ];
}

function withdrawalIn(events: readonly Happened[]): Extract<Happened, { type: 'approval.cancelled' }> | null {
  const found = events.findLast(({ type }) => type === 'approval.cancelled');
  return found?.type === 'approval.cancelled' ? found : null;
}

/** What closed it where no person decided: a rule, the trust budget, or the one who withdrew it. */
function byNobody(approval: Approval, events: readonly Happened[]): string {
  const withdrawn = withdrawalIn(events);
  if (withdrawn) return ` by ${oneLine(visible(withdrawn.actor.name), 120)}`;
  const [auto, kind, id] = (approval.answered_by ?? '').split(':');
  if (auto !== 'auto') return '';
  return kind === 'rule' ? ` by the rule ${oneLine(id ?? '', 80)}` : ' by the trust budget';
}

/** The decision's own word: a run that came after it has a line of its own. */
function decidedWord(shown: Card, approval: Approval): string {
  const kind = approval.decision?.kind;
  if (kind === 'approve' || (approval.execution && kind === undefined)) return 'Approved';
  if (kind === 'approve_with_edits') return 'Approved with changes';
  return shown.status.word;
}

function runBlock(run: NonNullable<Card['run']>): Block {
  const said = run.error ?? run.result;
  return rich(
    paragraph(
      text(run.word, 'bold'),
      ...(run.attempts > 1 ? [text(`, after ${run.attempts} attempts`)] : []),
    ),
    ...(said === null ? [] : [quote(text(cut(said, BUDGET.quote_chars)))]),
    ...(run.error === null
      ? []
      : [paragraph(text('The approval stands; what it allowed did not go through.', 'italic'))]),
  );
}

function closingBlock(approval: Approval): Block {
  const words = approval.status === 'unknown' ? 'Somebody has to settle it: open it' : 'Open the record';
  return rich(paragraph({ type: 'link', url: cut(approval.url, LIMITS.url_chars), text: words }));
}

/** Warnings and buttons while a decision is possible. */
function openBlocks(shown: Card, { approval, view_only }: CardInput, left_out: number): Block[] {
  const pressed: Pressed = { a: approval.id, v: approval.version };
  const value = JSON.stringify(pressed);
  const whole = left_out === 0 && shown.complete;
  const warning = [
    ...(left_out > 0
      ? [`${counted(left_out, 'more line')} not shown here. Press Review to read all of it.`]
      : []),
    ...(shown.complete
      ? []
      : [
          `${counted(shown.unshown.length, 'value')} hidden here, so it can't be approved from Slack. Open it to see.`,
        ]),
  ];
  const button = (action: keyof typeof ACTIONS, label: string, more: Partial<Button> = {}): Button => ({
    type: 'button',
    action_id: ACTIONS[action],
    text: plain(label, LIMITS.button_chars),
    value,
    ...more,
  });
  const open = button('view', 'Open', { url: cut(approval.url, LIMITS.url_chars) });
  const direct = whole && !needsWords(shown);
  const editable = whole && shown.asks.confirm === null && editFields(approval, shown).fields.length > 0;
  const approving = direct && !view_only;
  const buttons = [
    approving
      ? button('approve', 'Approve', { style: 'primary', ...confirmOf(shown) })
      : button('review', 'Review'),
    ...(editable && !view_only ? [button('edit', 'Approve with edits')] : []),
    button('deny', 'Deny', { style: 'danger' }),
    button('ask', 'Ask'),
    button('delegate', 'Delegate'),
    open,
  ];
  return [...(warning.length > 0 ? [context(...warning)] : []), { type: 'actions', elements: buttons }];
}

/** High and critical risk ask once more, in the words of the question. */
function confirmOf(shown: Card): Partial<Button> {
  const { level, word } = shown.risk;
  if (level !== 'high' && level !== 'critical') return {};
  const { question, who } = shown;
  const words = question.by_agent ? `In the words of ${oneLine(who.asks, 80)}: ` : '';
  return {
    confirm: {
      title: plain(`${word}: approve?`, LIMITS.confirm_title_chars),
      text: plain(`${words}${question.text}`, LIMITS.confirm_text_chars),
      confirm: plain('Approve', LIMITS.confirm_button_chars),
      deny: plain('Back', LIMITS.confirm_button_chars),
      style: 'primary',
    },
  };
}

/** The action ids of a message's buttons, in order. */
export function actionIds({ blocks }: Message): string[] {
  return blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.map(({ action_id }) => action_id) : [],
  );
}
