/**
 * What the mails of one approval have in common: who asks, until when, the agent's words, the facts, the outcome.
 * The same facts in the same order as the Slack card.
 *
 * INVARIANT: what agents wrote is framed as theirs; what a mail leaves out is counted and said.
 */
import { type Approval, isOpen } from '../../schemas/approval.ts';
import { schemaFor } from '../../schemas/templates.ts';
import { type Card, card } from '../../server/core/card.ts';
import { votesLine } from '../../server/core/card-routing.ts';
import { factsOf } from '../../server/core/card-facts.ts';
import { instantText, visible } from '../../server/core/card-text.ts';
import type { Happened } from '../../server/core/commands.ts';
import { isRecord } from '../../server/core/json-value.ts';
import { factParts, rowsOf } from './fact-rows.ts';
import type { Part, Quoted } from './mail.ts';
import { counted, cut, fitted, oneLine, spanOf } from './words.ts';

/** No time zone is known of a reader of mail. */
const READER = { locale: 'en', time_zone: 'UTC' } as const;
const SAID_BYTES = 9_000;
const QUOTE_BYTES = 2_400;
const MAX_CHANGES = 20;
const MAX_RESULT_ROWS = 8;

export function mailCard(approval: Approval, now_ms: number): Card {
  const schema = schemaFor(approval.type, approval.escalation_schema);
  const shown = card(approval, schema, { ...READER, now_ms });
  const at = approval.decision?.decided_at ?? approval.decided_at;
  return {
    ...shown,
    created: { ...shown.created, text: minuteOf(approval.created_at) },
    expires: { ...shown.expires, text: minuteOf(approval.expires_at) },
    outcome: shown.outcome && { ...shown.outcome, at: at === null ? null : minuteOf(at) },
  };
}

/** Without the seconds: of an end it is the minute that is safe. */
function minuteOf(instant: string): string {
  const whole = instant.replace(/:\d{2}(\.\d+)?Z$/, ':00Z');
  return instantText(whole, { ...READER, now_ms: 0 }) ?? visible(instant);
}

/** What an agent or a person wrote, as long as it may be. */
export function quoted(text: string, label: string | null = null): { said: Quoted; cut: boolean } {
  const { text: shown, cut: isCut } = fitted(text, QUOTE_BYTES);
  return { said: { label, lines: [shown] }, cut: isCut };
}

/** Who asks, since when, and how long there is to decide. */
export function whoParts(shown: Card, approval: Approval, now_ms: number): Part[] {
  const asks = oneLine(shown.who.asks, 120);
  const key = shown.who.key === null ? '' : `, with the key “${oneLine(shown.who.key, 80)}”`;
  const behalf =
    shown.who.on_behalf_of === null ? '' : `, on behalf of ${oneLine(shown.who.on_behalf_of, 120)}`;
  const left = Date.parse(approval.expires_at) - now_ms;
  return [
    {
      part: 'text',
      text: `${asks} ${shown.status.open ? 'asks' : 'asked'}${key}${behalf}, ${shown.status.open ? 'since ' : ''}${shown.created.text}.`,
    },
    ...(shown.status.open
      ? [
          {
            part: 'strong' as const,
            text: `Decide within ${spanOf(left)}, by ${shown.expires.text}. After that it counts as denied.`,
          },
        ]
      : []),
    ...(approval.requested_by.kind === 'member' && shown.status.open
      ? [
          {
            part: 'small' as const,
            text: `${oneLine(visible(approval.requested_by.name), 120)} asked for this in person.`,
          },
        ]
      : []),
  ];
}

/** Votes, delegation and questions that stand. */
export function talkParts(shown: Card, approval: Approval, events: readonly Happened[]): Part[] {
  if (!shown.status.open) return [];
  const votes = votesLine(shown, approval);
  const passed = events.findLast((event) => event.type === 'approval.delegated');
  const asked = events.findLast((event) => event.type === 'approval.question_asked');
  const lines = [
    ...(votes === '' ? [] : [`${votes}.`]),
    ...(passed?.type === 'approval.delegated'
      ? [`Delegated to ${visible(passed.data.to_name)} by ${visible(passed.actor.name)}.`]
      : []),
    ...(approval.open_question
      ? [
          `${asked ? visible(asked.actor.name) : 'Somebody'} asked a question; the agent has not answered yet. A decision is still possible.`,
        ]
      : []),
  ];
  return lines.map((text) => ({ part: 'text', text: oneLine(text, 400) }));
}

/** The agent's words; parts that it did not state are named. */
function saidParts(shown: Card): { parts: Part[]; left_out: number } {
  let left = SAID_BYTES;
  let left_out = 0;
  const said = shown.says.flatMap(({ label, lines }): Quoted[] => {
    const kept = lines.flatMap((line) => {
      if (left < 100) {
        left_out++;
        return [];
      }
      const { text, cut: isCut } = fitted(line, Math.min(left, QUOTE_BYTES));
      if (isCut) left_out++;
      left -= Math.min(left, Buffer.byteLength(text) + 60);
      return [text];
    });
    return kept.length === 0 ? [] : [{ label, lines: kept }];
  });
  const silent = shown.says.filter(({ lines }) => lines.length === 0).map(({ label }) => label.toLowerCase());
  if (said.length === 0 && silent.length === 0) return { parts: [], left_out };
  const title = `${oneLine(shown.who.asks, 80)} says`;
  const not = silent.length === 0 ? null : `Not stated: ${silent.join(', ')}.`;
  return { parts: [{ part: 'quote', title, said, silent: not }], left_out };
}

/** The agent's words and the facts, and one sentence on what is not among them. */
export function bodyParts(shown: Card, with_words: boolean): Part[] {
  const said = with_words ? saidParts(shown) : { parts: [], left_out: 0 };
  const facts = factParts(shown);
  const hidden = shown.unshown.length - shown.masked.length;
  const left_out = said.left_out + facts.left_out;
  const missing = [
    ...(shown.masked.length > 0 ? [counted(shown.masked.length, 'masked value')] : []),
    ...(hidden > 0 ? [counted(hidden, 'hidden value')] : []),
    ...(left_out > 0 ? [counted(left_out, 'long part')] : []),
  ];
  const note: Part[] =
    missing.length === 0
      ? []
      : [
          {
            part: 'note',
            tone: 'warning',
            text: `Not in this mail: ${missing.join(', ')}. The page shows all of it.`,
          },
        ];
  return [...note, ...said.parts, ...facts.parts];
}

/** Who decided, how and when, with which words, what was changed, and what running it gave. */
export function outcomeParts(shown: Card, approval: Approval): Part[] {
  const { outcome, run } = shown;
  if (outcome === null) return [];
  const quote = (title: string, text: string): Part => ({
    part: 'quote',
    title,
    said: [quoted(text).said],
    silent: null,
  });
  const changes = outcome.changes.slice(0, MAX_CHANGES).map(({ label, from, to }) => ({
    label: oneLine(label, 120),
    from: oneLine(from ?? 'nothing', 200),
    to: oneLine(to ?? 'nothing', 200),
  }));
  const more = outcome.changes.length - changes.length;
  return [
    { part: 'strong', text: outcomeLine(shown, approval) },
    ...(outcome.reason === null
      ? []
      : [quote(`${oneLine(outcome.by ?? 'The reason', 80)} wrote`, outcome.reason)]),
    ...(outcome.instead === null ? [] : [quote('To be done instead', outcome.instead)]),
    ...(changes.length === 0 ? [] : [{ part: 'changes' as const, title: 'What was changed', changes }]),
    ...(more > 0 ? [{ part: 'small' as const, text: `${counted(more, 'more change')} on the page.` }] : []),
    ...(run === null ? [] : runParts(run, approval)),
  ];
}

/** "Denied by Alice Moreau via Slack, Nov 20, 2026, 9:45 AM UTC." */
export function outcomeLine(shown: Card, approval: Approval): string {
  const { outcome } = shown;
  if (outcome === null) return `${shown.status.word}.`;
  if (isExpired(shown, approval)) return 'Nobody decided in time, so it counts as denied.';
  if (approval.status === 'cancelled') return `${oneLine(shown.who.asks, 120)} withdrew the request.`;
  const kind = approval.decision?.kind;
  const word =
    kind === 'approve' || (approval.execution && kind === undefined)
      ? 'Approved'
      : kind === 'approve_with_edits'
        ? 'Approved with changes'
        : outcome.word;
  const by = outcome.by === null ? '' : ` by ${oneLine(outcome.by, 120)}`;
  const via = outcome.via === null ? '' : ` via ${oneLine(outcome.via, 40)}`;
  return `${word}${by}${via}${outcome.at === null ? '' : `, ${outcome.at}`}.`;
}

/** Also one whose time is over before a timer said so. */
function isExpired({ status }: Card, approval: Approval): boolean {
  return approval.status === 'expired' || (isOpen(approval.status) && !status.open);
}

function runParts(run: NonNullable<Card['run']>, { execution }: Approval): Part[] {
  const tries = run.attempts > 1 ? ` after ${run.attempts} attempts` : '';
  const at = run.at === null ? '' : `, ${run.at}`;
  return [
    { part: 'strong', text: `${run.word}${tries}${at}.` },
    ...(run.error === null
      ? []
      : [
          {
            part: 'quote' as const,
            title: 'The target’s words',
            said: [quoted(cut(run.error, 500)).said],
            silent: null,
          },
          { part: 'text' as const, text: 'The approval stands; what it allowed did not go through.' },
        ]),
    ...resultParts(execution?.result),
  ];
}

/** What it returned, with secrets masked as in any card; a long one is on the page. */
function resultParts(result: unknown): Part[] {
  if (result === null || result === undefined) return [];
  if (!isRecord(result)) return [{ part: 'small', text: 'What it returned is on the page.' }];
  const { facts } = factsOf(result, {}, { ...READER, now_ms: 0 });
  const rows = facts.flatMap((fact) => rowsOf(fact, 0));
  const short = rows
    .filter((row) => row.row === 'fact' && row.value.length <= 200 && row.label.length <= 80)
    .slice(0, MAX_RESULT_ROWS);
  const more = rows.length - short.length;
  return [
    ...(short.length === 0 ? [] : [{ part: 'facts' as const, title: 'What it returned', rows: short }]),
    ...(more > 0
      ? [{ part: 'small' as const, text: `${counted(more, 'more line')} of what it returned on the page.` }]
      : []),
  ];
}
