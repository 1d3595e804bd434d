/**
 * Safe markdown: the few marks that make prose easier to read, as a tree of nodes. Never HTML.
 *
 * INVARIANT: every word of the source is in the nodes; a mark that is not understood, raw HTML and a link that is
 * neither https nor mailto stay as the text they are. Images are never loaded: they become links.
 * Left out: tables, footnotes, reference links, nesting of lists.
 */
import { safeLink } from './card-link.ts';
import { visible } from './card-text.ts';

export type MdInline =
  | string
  | { mark: 'strong' | 'em' | 'code' | 'del'; in: MdInline[] }
  | { mark: 'link'; href: string; host: string | null; in: MdInline[] };

export type MdBlock =
  | { block: 'p' | 'h' | 'quote'; in: MdInline[] }
  | { block: 'ul' | 'ol'; items: MdInline[][] }
  | { block: 'code'; text: string }
  | { block: 'hr' };

/** Longer text is one block of plain prose: a person does not read it for its marks. */
const MAX_CHARS = 50_000;
/** Marks inside marks; deeper ones stay as text. */
const MAX_NESTING = 4;

const FENCE = /^ {0,3}(```|~~~)/;
const HEADING = /^ {0,3}#{1,6} +(.*?)(?: +#+)? *$/;
const BULLET = /^ {0,3}[-*+] +(.*)$/;
const NUMBERED = /^ {0,3}\d{1,9}[.)] +(.*)$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;

/** The blocks of a text, in order. Pure and linear in its length. */
export function markdownBlocks(text: string): MdBlock[] {
  const source = visible(text);
  if (source.length > MAX_CHARS) return [{ block: 'p', in: [source] }];
  const out: MdBlock[] = [];
  const lines = source.split('\n');
  for (let n = 0; n < lines.length;) n = takeBlock(lines, n, out);
  return out;
}

/** Adds the block that begins in a line; the line after it. */
function takeBlock(lines: readonly string[], start: number, out: MdBlock[]): number {
  const line = lines[start] ?? '';
  if (line.trim() === '') return start + 1;
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) {
    let end = start + 1;
    while (end < lines.length && !isEnd(lines[end] ?? '', fence)) end++;
    // The word behind the fence is part of what was written.
    const title = line.trim().slice(3).trim();
    out.push({ block: 'code', text: [...(title ? [title] : []), ...lines.slice(start + 1, end)].join('\n') });
    return end + 1;
  }
  if (RULE.test(line)) out.push({ block: 'hr' });
  else {
    const heading = HEADING.exec(line);
    if (!heading) return takeLines(lines, start, out);
    out.push({ block: 'h', in: inline(heading[1] ?? '', 0) });
  }
  return start + 1;
}

/** Nothing but the fence may stand in the line that closes it (CommonMark 4.5): a word there would be lost. */
function isEnd(line: string, fence: string): boolean {
  const text = line.trim();
  return text.startsWith(fence) && text.replaceAll(fence.charAt(0), '') === '';
}

const RUNS = [
  ['ul', BULLET],
  ['ol', NUMBERED],
  ['quote', QUOTE],
] as const;

/** Adds a list, a quotation or a paragraph: as many lines as are of the same sort. */
function takeLines(lines: readonly string[], start: number, out: MdBlock[]): number {
  const [sort, pattern] = RUNS.find(([, run]) => run.test(lines[start] ?? '')) ?? ['p', null];
  const taken: string[] = [];
  let end = start;
  for (; end < lines.length; end++) {
    const line = lines[end] ?? '';
    const inside = pattern?.exec(line)?.[1];
    if (inside !== undefined) taken.push(inside);
    else if (line.trim() === '' || (end > start && beginsOther(line, sort))) break;
    else if (sort === 'p') taken.push(line);
    // A line that goes on belongs to the item above it.
    else taken.push(`${taken.pop() ?? ''}\n${line.trim()}`);
  }
  if (sort === 'ul' || sort === 'ol') out.push({ block: sort, items: taken.map((item) => inline(item, 0)) });
  else out.push({ block: sort, in: inline(taken.join('\n'), 0) });
  return end;
}

function beginsOther(line: string, sort: string): boolean {
  if (FENCE.test(line) || HEADING.test(line) || RULE.test(line)) return true;
  return RUNS.some(([name, pattern]) => name !== sort && pattern.test(line));
}

/** Code first: nothing inside it is a mark. Lengths are bounded, so that no unclosed mark makes this quadratic. */
const MARKS =
  /`([^`\n]{1,1000})`|(!?)\[([^\]\n]{0,500})\]\(([^()\s]{1,2000})\)|\*\*([^*\n]{1,1000})\*\*|~~([^~\n]{1,1000})~~|(?<![\w*])\*([^*\s][^*\n]{0,1000})\*(?![\w*])|(?<!\w)_([^_\s][^_\n]{0,1000})_(?!\w)|(https:\/\/[^\s<>()"']{1,2000})/g;

function inline(text: string, depth: number): MdInline[] {
  if (depth >= MAX_NESTING) return [text];
  const out: MdInline[] = [];
  let at = 0;
  for (const found of text.matchAll(MARKS)) {
    const node = nodeOf(found, depth + 1);
    if (node === null) continue;
    if (found.index > at) out.push(text.slice(at, found.index));
    out.push(node);
    at = found.index + found[0].length;
  }
  if (at < text.length) out.push(text.slice(at));
  return out;
}

function nodeOf(found: RegExpExecArray, depth: number): MdInline | null {
  const [, code, , label, target, strong, del, star, under, bare] = found;
  if (code !== undefined) return { mark: 'code', in: [code] };
  if (strong !== undefined) return { mark: 'strong', in: inline(strong, depth) };
  if (del !== undefined) return { mark: 'del', in: inline(del, depth) };
  const em = star ?? under;
  if (em !== undefined) return { mark: 'em', in: inline(em, depth) };
  const { href, host } = safeLink(target ?? bare ?? '');
  if (href === null) return null;
  // An image has a name too; without one, its address is what there is to read.
  const name = label === undefined || label === '' ? visible(target ?? bare ?? '') : label;
  return { mark: 'link', href, host, in: [name] };
}
