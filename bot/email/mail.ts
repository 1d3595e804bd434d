/**
 * The neutral model of a mail: what it says, in order, before it is dressed as HTML (html.ts) or as text (text.ts).
 * INVARIANT: both forms are made from this alone, so neither holds a fact that the other lacks.
 * Left out: how a card becomes one (card-parts.ts, state-mails.ts), and headers (compose.ts).
 */
import type { Tone } from '../../server/core/card-kind.ts';

export const MAIL_KINDS = [
  'request',
  'changed',
  'delegated',
  'answer',
  'reminder',
  'decided',
  'outcome',
  'confirmation',
  'digest',
  'code',
  'link',
  'not_me',
] as const;
export type MailKind = (typeof MAIL_KINDS)[number];

/** One line of facts. `depth` counts from 0; `marks` are remarks of the system about the value. */
export type FactRow =
  | { row: 'head'; depth: number; text: string }
  | { row: 'fact'; depth: number; label: string; value: string; mono: boolean; marks: string[] }
  | { row: 'item'; depth: number; value: string; marks: string[] }
  | { row: 'table'; depth: number; columns: string[]; cells: string[][] };

/** Words that somebody else wrote; `label` is what they are about. */
export type Quoted = { label: string | null; lines: string[] };

export type Item = { mark: string; tone: Tone; title: string; when: string; url: string };

export type Part =
  | { part: 'text'; text: string }
  | { part: 'strong'; text: string }
  | { part: 'small'; text: string }
  /** What a reader must not overlook. */
  | { part: 'note'; tone: Tone; text: string }
  | { part: 'button'; label: string; url: string }
  | { part: 'link'; text: string; url: string }
  | { part: 'quote'; title: string; said: Quoted[]; silent: string | null }
  | { part: 'facts'; title: string; rows: FactRow[] }
  | { part: 'changes'; title: string; changes: { label: string; from: string; to: string }[] }
  | { part: 'code'; code: string }
  | { part: 'items'; items: Item[] };

/** The last lines: why somebody gets this, and where to go; a link is written out in both forms. */
export type FootLine = { text: string; url: string | null };

export type Mail = {
  kind: MailKind;
  subject: string;
  /** What a list of mails shows behind the subject. */
  preheader: string;
  mark: { word: string; tone: Tone } | null;
  /** Said above the title, where its words are the agent's. */
  lead: string | null;
  title: string;
  parts: Part[];
  foot: FootLine[];
  /** A reply to this mail is a question to the agent. */
  replies: boolean;
};
