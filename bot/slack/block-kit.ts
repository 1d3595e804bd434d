/**
 * The part of Block Kit that is used here, as types and small builders.
 *
 * INVARIANT: there is no mrkdwn: every text is plain_text with emoji codes off, or literal rich text, so no word of
 * an agent can become a link, a mention or markup. The types have no way to say otherwise.
 * Left out: everything that older clients do not draw (cards, carousels, containers).
 */
import { cut, LIMITS, oneLine } from './limits.ts';

export type Plain = { type: 'plain_text'; text: string; emoji: false };

export type Run =
  | { type: 'text'; text: string; style?: { bold?: true; italic?: true; code?: true } }
  | { type: 'date'; timestamp: number; format: string; fallback: string }
  | { type: 'link'; url: string; text: string };

export type RichPart =
  | { type: 'rich_text_section'; elements: Run[] }
  | { type: 'rich_text_quote'; elements: Run[] }
  | {
      type: 'rich_text_list';
      style: 'bullet';
      indent: number;
      elements: Extract<RichPart, { type: 'rich_text_section' }>[];
    };

export type Rich = { type: 'rich_text'; block_id?: string; elements: RichPart[] };

export type Confirm = {
  title: Plain;
  text: Plain;
  confirm: Plain;
  deny: Plain;
  style?: 'danger' | 'primary';
};

export type Button = {
  type: 'button';
  action_id: string;
  text: Plain;
  value?: string;
  url?: string;
  style?: 'primary' | 'danger';
  confirm?: Confirm;
};

export type Option = { text: Plain; value: string };

export type InputElement =
  | {
      type: 'plain_text_input';
      action_id: string;
      initial_value?: string;
      multiline?: boolean;
      max_length: number;
    }
  | {
      type: 'number_input';
      action_id: string;
      initial_value?: string;
      is_decimal_allowed: boolean;
      min_value?: string;
      max_value?: string;
    }
  | { type: 'static_select'; action_id: string; options: Option[]; initial_option?: Option }
  | { type: 'multi_static_select'; action_id: string; options: Option[]; initial_options?: Option[] }
  | { type: 'checkboxes'; action_id: string; options: Option[]; initial_options?: Option[] }
  | { type: 'datepicker'; action_id: string; initial_date?: string };

export type Input = {
  type: 'input';
  block_id: string;
  label: Plain;
  element: InputElement;
  optional: boolean;
  hint?: Plain;
};

export type Cell = { type: 'raw_text'; text: string };

export type Block =
  | { type: 'header'; block_id?: string; text: Plain }
  | { type: 'section'; block_id?: string; text: Plain }
  | { type: 'context'; block_id?: string; elements: Plain[] }
  | { type: 'actions'; block_id?: string; elements: Button[] }
  | { type: 'table'; block_id?: string; rows: Cell[][] }
  | Rich
  | Input;

/** A message as chat.postMessage and chat.update take it, without its channel. */
export type Message = { text: string; blocks: Block[] };

export type View = {
  type: 'modal' | 'home';
  callback_id?: string;
  private_metadata?: string;
  title?: Plain;
  submit?: Plain;
  close?: Plain;
  blocks: Block[];
};

/** Plain text on one line, of at most `max` units. */
export function plain(words: string, max: number): Plain {
  return { type: 'plain_text', text: oneLine(words, max), emoji: false };
}

export function text(words: string, style?: 'bold' | 'italic' | 'code'): Run {
  const filled = words === '' ? ' ' : words;
  return style === undefined
    ? { type: 'text', text: filled }
    : { type: 'text', text: filled, style: { [style]: true } };
}

/** A moment in the reader's own time zone; the UTC text for clients that can't. Plain text where it is no time. */
export function moment(at: string, fallback: string): Run {
  const ms = Date.parse(at);
  if (Number.isNaN(ms)) return text(fallback);
  return {
    type: 'date',
    timestamp: Math.floor(ms / 1000),
    format: '{date_short_pretty} at {time}',
    fallback,
  };
}

export function section(words: string): Block {
  return {
    type: 'section',
    // Words of ours can quote what somebody sent; Slack takes no half characters.
    text: { type: 'plain_text', text: cut(words.toWellFormed(), LIMITS.section_chars) || '–', emoji: false },
  };
}

export function header(words: string): Block {
  return { type: 'header', text: plain(words, LIMITS.header_chars) };
}

export function context(...lines: string[]): Block {
  return {
    type: 'context',
    elements: lines.slice(0, LIMITS.context_elements).map((line) => plain(line, 300)),
  };
}

export function rich(...elements: RichPart[]): Rich {
  return { type: 'rich_text', elements };
}

export function paragraph(...elements: Run[]): RichPart {
  return { type: 'rich_text_section', elements };
}

export function quote(...elements: Run[]): RichPart {
  return { type: 'rich_text_quote', elements };
}

/** The same blocks, each with an id of its own that changes with the version, as Slack asks of updated messages. */
export function withIds(blocks: readonly Block[], stem: string): Block[] {
  return blocks.map((block, n) => (block.type === 'input' ? block : { ...block, block_id: `${stem}:${n}` }));
}

/** Words for a field that Slack reads as markup, such as a message's fallback text: no mention or link is left in it. */
export function escaped(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A message as it is posted: nothing is unfurled, because a preview would fetch what an agent wrote. */
export function withoutPreviews(message: Message): Message & { unfurl_links: false; unfurl_media: false } {
  return { ...message, unfurl_links: false, unfurl_media: false };
}

/** A short message of ours: plain words, and a link where there is somewhere to go. */
export function notice(words: string, url?: string): Message {
  const link: Block[] =
    url === undefined
      ? []
      : [rich(paragraph({ type: 'link', url: cut(url, LIMITS.url_chars), text: 'Open it' }))];
  return { text: escaped(cut(words, 300)), blocks: [section(words), ...link] };
}
