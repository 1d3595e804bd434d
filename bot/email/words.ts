/**
 * Words that have to fit: one line, a subject, a budget in bytes of HTML.
 * INVARIANT: what goes into a header holds no control character and no line end.
 */

/** As HTML, where it is text or a quoted attribute. */
export function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** How many bytes a text takes in the HTML of a mail. */
export function weightOf(text: string): number {
  return Buffer.byteLength(escaped(text));
}

/** On one line, at most so many characters, with "…" where something is missing. */
export function oneLine(text: string, most: number): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return cut(line, most);
}

/** At most so many characters, never through the middle of one. */
export function cut(text: string, most: number): string {
  const chars = Array.from(text);
  return chars.length > most ? `${chars.slice(0, most - 1).join('')}…` : text;
}

/** At most so many bytes of HTML; says whether something is missing. */
export function fitted(text: string, budget: number): { text: string; cut: boolean } {
  if (weightOf(text) <= budget) return { text, cut: false };
  let used = 0;
  let shown = '';
  for (const char of text) {
    used += weightOf(char);
    if (used > budget - 3) break;
    shown += char;
  }
  return { text: `${shown}…`, cut: true };
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;
/** With "Re: " before it a subject has at most 120. */
const MAX_SUBJECT = 116;

/** A subject line: at most 116 characters, nothing in it that is not seen. */
export function subjectOf(text: string): string {
  return oneLine(text.replaceAll(UNSEEN, ' '), MAX_SUBJECT);
}

/** A name for a header. */
export function nameOf(text: string): string {
  return oneLine(text.replaceAll(UNSEEN, ' '), 80);
}

/** "2 values", "1 value". */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

/** How long something lasts, roughly, for people: "3 days", "5 h", "40 min". */
export function spanOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  if (minutes < 1) return 'less than a minute';
  if (minutes < 90) return counted(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.round(hours / 24), 'day');
}
