/**
 * Slack's limits, held against any payload before it is sent: blocks, lengths, counts, surfaces, and no mrkdwn.
 * The numbers are written out a second time on purpose (docs.slack.dev, block reference), so that a wrong one in the
 * bot does not pass its own test.
 */

import { shapeFaults } from './slack-shapes.ts';

type Any = Record<string, unknown>;
type Say = (fault: string) => void;

const MESSAGE = ['header', 'section', 'rich_text', 'context', 'actions', 'table'];
const MODAL = ['header', 'section', 'rich_text', 'context', 'actions', 'input'];
const HOME = ['header', 'section', 'rich_text', 'context', 'actions', 'input', 'table'];

/** Every limit that a message breaks, as sentences; empty when Slack would take it. */
export function messageFaults(message: unknown): string[] {
  const faults: string[] = [];
  const { text: fallback, blocks } = message as { text: unknown; blocks: Any[] };
  if (!Array.isArray(blocks)) return ['has no blocks'];
  faults.push(...shapeFaults(blocks));
  if (typeof fallback !== 'string' || fallback.length === 0 || fallback.length > 40_000)
    faults.push('has no fallback text');
  if (blocks.length > 50) faults.push(`has ${blocks.length} blocks, more than 50`);
  if (blocks.filter((block) => block['type'] === 'table').length > 1) faults.push('has more than one table');
  checkBlocks(blocks, MESSAGE, (fault) => faults.push(fault));
  const size = textIn(blocks).join('').length;
  if (size > 12_000) faults.push(`holds ${size} characters; Slack answers msg_blocks_too_long`);
  return faults;
}

/** Every limit that a view breaks; empty when Slack would take it. */
export function viewFaults(view: unknown): string[] {
  const faults: string[] = [];
  const say: Say = (fault) => void faults.push(fault);
  const { type, blocks, title, submit, close, callback_id, private_metadata } = view as Any & {
    blocks: Any[];
  };
  faults.push(...shapeFaults(view));
  if (type !== 'modal' && type !== 'home') say(`is a ${String(type)}`);
  if (blocks.length > 100 || blocks.length === 0) say(`has ${blocks.length} blocks`);
  if (type === 'modal') {
    plain(title, 24, 'title', say);
    if (close !== undefined) plain(close, 24, 'close', say);
    if (submit !== undefined) plain(submit, 24, 'submit', say);
    if (submit === undefined && blocks.some((block) => block['type'] === 'input'))
      say('has inputs and no submit');
  }
  if (callback_id !== undefined) text(callback_id, 1, 255, 'callback_id', say);
  if (private_metadata !== undefined) text(private_metadata, 0, 3_000, 'private_metadata', say);
  checkBlocks(blocks, type === 'home' ? HOME : MODAL, say);
  return faults;
}

/** Every text that a person would see. */
export function textIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(textIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) =>
    name === 'text' && typeof inner === 'string' ? [inner] : textIn(inner),
  );
}

function checkBlocks(blocks: readonly Any[], allowed: readonly string[], say: Say): void {
  const ids = blocks.map((block) => block['block_id']).filter((id) => id !== undefined);
  if (new Set(ids).size !== ids.length) say('uses a block_id twice');
  for (const id of ids) text(id, 1, 255, 'block_id', say);
  // Within one block; App Home repeats its buttons from row to row.
  for (const { elements } of blocks) {
    const actions = (Array.isArray(elements) ? (elements as Any[]) : []).flatMap(
      ({ action_id }) => action_id ?? [],
    );
    if (new Set(actions).size !== actions.length) say('uses an action_id twice in a block');
  }
  for (const block of blocks) {
    const type = String(block['type']);
    if (allowed.includes(type)) CHECKS[type]?.(block, say);
    else say(`has a ${type} block, which this surface does not take`);
  }
  for (const found of JSON.stringify(blocks).match(/"type":"mrkdwn"/g) ?? []) say(`has ${found}`);
}

const CHECKS: Readonly<Record<string, (block: Any, say: Say) => void>> = {
  header: (block, say) => plain(block['text'], 150, 'header', say),
  section: (block, say) => plain(block['text'], 3_000, 'section', say),
  context: (block, say) => {
    const elements = block['elements'] as unknown[];
    count(elements, 1, 10, 'context', say);
    for (const one of elements) plain(one, 3_000, 'context', say);
  },
  actions: (block, say) => {
    const elements = block['elements'] as Any[];
    count(elements, 1, 25, 'actions', say);
    for (const one of elements) button(one, say);
  },
  table: (block, say) => {
    const rows = block['rows'] as Any[][];
    count(rows, 1, 100, 'table', say);
    for (const row of rows) {
      count(row, 1, 20, 'table row', say);
      if (row.length !== rows[0]?.length) say('has table rows of different lengths');
      for (const cell of row) text(cell['text'], 1, 3_000, 'cell', say);
    }
  },
  rich_text: (block, say) => {
    count(block['elements'] as unknown[], 1, 200, 'rich_text', say);
    for (const part of block['elements'] as Any[]) richPart(part, say);
    const size = textIn(block).join('').length;
    if (size > 3_000) say(`has a rich_text of ${size} characters`);
  },
  input: (block, say) => {
    plain(block['label'], 2_000, 'label', say);
    if (block['hint'] !== undefined) plain(block['hint'], 2_000, 'hint', say);
    element(block['element'] as Any, say);
  },
};

function richPart(part: Any, say: Say): void {
  const known = ['rich_text_section', 'rich_text_quote', 'rich_text_list', 'rich_text_preformatted'];
  if (!known.includes(String(part['type']))) say(`has a ${String(part['type'])}`);
  const elements = part['elements'] as Any[];
  count(elements, 1, 500, String(part['type']), say);
  if (part['type'] === 'rich_text_list') {
    if (Number(part['indent']) < 0 || Number(part['indent']) > 8) say('has a list that is indented too far');
    for (const item of elements) richPart(item, say);
    return;
  }
  for (const run of elements) {
    if (run['type'] === 'text') text(run['text'], 1, 3_000, 'text', say);
    else if (run['type'] === 'link') link(run['url'], say);
    else if (run['type'] !== 'date') say(`has a ${String(run['type'])} run`);
    else if (!Number.isInteger(run['timestamp'])) say('has a date that is no whole second');
  }
}

function button(pressed: Any, say: Say): void {
  if (pressed['type'] !== 'button') say(`has a ${String(pressed['type'])} among its actions`);
  plain(pressed['text'], 75, 'button', say);
  text(pressed['action_id'], 1, 255, 'action_id', say);
  if (pressed['value'] !== undefined) text(pressed['value'], 1, 2_000, 'button value', say);
  if (pressed['url'] !== undefined) link(pressed['url'], say);
  if (pressed['value'] === undefined && pressed['url'] === undefined) say('has a button that says nothing');
  const confirm = pressed['confirm'] as Any | undefined;
  if (!confirm) return;
  plain(confirm['title'], 100, 'confirm title', say);
  plain(confirm['text'], 300, 'confirm text', say);
  plain(confirm['confirm'], 30, 'confirm button', say);
  plain(confirm['deny'], 30, 'confirm button', say);
}

function element(input: Any, say: Say): void {
  text(input['action_id'], 1, 255, 'action_id', say);
  const { type, options, initial_value } = input;
  if (type === 'plain_text_input') {
    if (Number(input['max_length']) > 3_000) say('has an input of more than 3000');
    if (initial_value !== undefined)
      text(initial_value, 1, Number(input['max_length']), 'initial value', say);
  } else if (type === 'number_input') {
    if (!/^-?\d+(\.\d+)?$/.test(String(initial_value))) say(`has the number ${String(initial_value)}`);
    if (Number(input['min_value'] ?? -Infinity) > Number(initial_value)) say('starts below its own minimum');
    if (Number(input['max_value'] ?? Infinity) < Number(initial_value)) say('starts above its own maximum');
    if (input['is_decimal_allowed'] === false && !/^-?\d+$/.test(String(initial_value)))
      say('starts with a decimal');
  } else if (type === 'datepicker') {
    if (!/^\d{4}-\d\d-\d\d$/.test(String(input['initial_date']))) say('has a date that is none');
  } else if (type === 'static_select' || type === 'multi_static_select' || type === 'checkboxes') {
    const listed = options as Any[];
    count(listed, 1, type === 'checkboxes' ? 10 : 100, type, say);
    for (const option of listed) {
      plain(option['text'], 75, 'option', say);
      text(option['value'], 1, 150, 'option value', say);
    }
    const initial = [input['initial_option'], input['initial_options']]
      .flat()
      .filter((one) => one !== undefined);
    const known = listed.map((one) => JSON.stringify(one));
    if (initial.some((one) => !known.includes(JSON.stringify(one))))
      say('starts with an option it does not have');
  } else say(`has a ${String(type)} input`);
}

function link(url: unknown, say: Say): void {
  text(url, 1, 3_000, 'link', say);
  if (!/^https?:\/\//.test(String(url))) say(`links to ${String(url).slice(0, 40)}`);
}

function plain(object: unknown, max: number, what: string, say: Say): void {
  const { type, text: words, emoji } = (object ?? {}) as Any;
  if (type !== 'plain_text') say(`${what} is no plain_text`);
  if (emoji !== false) say(`${what} would draw emoji codes`);
  text(words, 1, max, what, say);
}

function text(words: unknown, min: number, max: number, what: string, say: Say): void {
  if (typeof words !== 'string' || words.length < min) say(`${what} is empty`);
  else if (words.length > max) say(`${what} has ${words.length} characters, more than ${max}`);
  else if (!words.isWellFormed()) say(`${what} holds half a character`);
}

function count(list: readonly unknown[], min: number, max: number, what: string, say: Say): void {
  if (list.length < min || list.length > max) say(`${what} has ${list.length} elements`);
}
