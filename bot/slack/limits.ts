/**
 * Slack's limits, in one place, and the cuts that keep to them. Lengths are UTF-16 units, as Slack counts.
 * Invariant: a cut is always seen (it ends in …), and whoever cuts says so to its caller.
 * Left out: what is done when something does not fit (card-blocks.ts, review-view.ts).
 * Source: docs.slack.dev/reference/block-kit, blocks, block elements and views.
 */
export const LIMITS = {
  message_blocks: 50,
  view_blocks: 100,
  header_chars: 150,
  section_chars: 3_000,
  context_elements: 10,
  actions_elements: 25,
  button_chars: 75,
  button_value_chars: 2_000,
  url_chars: 3_000,
  id_chars: 255,
  confirm_title_chars: 100,
  confirm_text_chars: 300,
  confirm_button_chars: 30,
  select_options: 100,
  option_chars: 75,
  input_chars: 3_000,
  label_chars: 2_000,
  hint_chars: 2_000,
  view_title_chars: 24,
  metadata_chars: 3_000,
  table_rows: 100,
  table_cells: 20,
  fallback_chars: 40_000,
} as const;

/**
 * Our own measures, well inside of Slack's. Slack states no length for rich_text and counts a whole message
 * (`msg_blocks_too_long`), so a card stays short and the rest is a page further in the review.
 */
export const BUDGET = {
  /** In one rich_text block. */
  block_chars: 2_500,
  /** Facts on a card, and on one page of a review. */
  facts_chars: 6_000,
  facts_lines: 80,
  /** Facts on a card that can't show all of them: enough to know what it is, on a phone. */
  beginning_chars: 1_500,
  beginning_lines: 20,
  /** The agent's words on a card. */
  said_chars: 2_500,
  /** Reasons, results and the like: quoted in part, whole on the page. */
  quote_chars: 500,
  table_rows: 10,
  table_cell_chars: 200,
} as const;

/** A text of at most `max` units; one that is cut ends in … and never in half a character. */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  return `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/** A text on one line, cut to `max`; "–" where nothing is left, because Slack refuses an empty text. */
export function oneLine(text: string, max: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line === '' ? '–' : cut(line, max);
}

/** "1 row", "2 rows". */
export function counted(n: number, one: string): string {
  return `${n} ${one}${n === 1 ? '' : 's'}`;
}

/** A text in pieces of at most `max` units, none of which ends in half a character; nothing is lost. */
export function pieces(text: string, max: number): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    let end = Math.min(at + max, text.length);
    if (end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))) end--;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}
