/**
 * Which members each object of Block Kit may have: Slack refuses a payload that holds any other.
 * Written out a second time on purpose (docs.slack.dev/reference/block-kit), as in slack-limits.ts.
 */

type Any = Record<string, unknown>;

const SHAPES: Readonly<Record<string, readonly string[]>> = {
  header: ['block_id', 'text'],
  section: ['block_id', 'text', 'fields', 'accessory', 'expand'],
  context: ['block_id', 'elements'],
  actions: ['block_id', 'elements'],
  table: ['block_id', 'rows', 'column_settings'],
  input: ['block_id', 'label', 'element', 'optional', 'hint', 'dispatch_action'],
  rich_text: ['block_id', 'elements'],
  rich_text_section: ['elements'],
  rich_text_quote: ['elements', 'border'],
  rich_text_preformatted: ['elements', 'border'],
  rich_text_list: ['style', 'indent', 'offset', 'border', 'elements'],
  text: ['text', 'style'],
  link: ['url', 'text', 'style', 'unsafe'],
  date: ['timestamp', 'format', 'fallback', 'url'],
  raw_text: ['text'],
  plain_text: ['text', 'emoji'],
  button: ['action_id', 'text', 'value', 'url', 'style', 'confirm', 'accessibility_label'],
  plain_text_input: [
    'action_id',
    'initial_value',
    'multiline',
    'min_length',
    'max_length',
    'placeholder',
    'focus_on_load',
  ],
  number_input: [
    'action_id',
    'initial_value',
    'is_decimal_allowed',
    'min_value',
    'max_value',
    'placeholder',
    'focus_on_load',
  ],
  static_select: ['action_id', 'options', 'initial_option', 'confirm', 'placeholder', 'focus_on_load'],
  multi_static_select: ['action_id', 'options', 'initial_options', 'max_selected_items', 'placeholder'],
  checkboxes: ['action_id', 'options', 'initial_options', 'confirm', 'focus_on_load'],
  datepicker: ['action_id', 'initial_date', 'confirm', 'placeholder', 'focus_on_load'],
  modal: [
    'callback_id',
    'private_metadata',
    'title',
    'submit',
    'close',
    'blocks',
    'clear_on_close',
    'notify_on_close',
    'external_id',
  ],
  home: ['callback_id', 'private_metadata', 'blocks', 'external_id'],
};

const STYLES: Readonly<Record<string, readonly unknown[]>> = {
  button: ['primary', 'danger'],
  rich_text_list: ['bullet', 'ordered'],
};
const TEXT_STYLES = ['bold', 'italic', 'strike', 'code'];

/** Every object of an unknown type, and every member that its type does not have. */
export function shapeFaults(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(shapeFaults);
  if (typeof value !== 'object' || value === null) return [];
  const own = value as Any;
  const inner = Object.values(own).flatMap(shapeFaults);
  const { type, style } = own;
  if (typeof type !== 'string') return inner;
  const members = SHAPES[type];
  if (!members) return [`has a ${type}, which is no part of Block Kit that is known here`, ...inner];
  const more = Object.keys(own).filter((name) => name !== 'type' && !members.includes(name));
  return [...more.map((name) => `has a ${type} with ${name}`), ...styleFaults(type, style), ...inner];
}

function styleFaults(type: string, style: unknown): string[] {
  if (style === undefined) return [];
  const isKnown =
    typeof style === 'object' && style !== null
      ? Object.keys(style).every((name) => TEXT_STYLES.includes(name))
      : (STYLES[type] ?? []).includes(style);
  return isKnown ? [] : [`has a ${type} in the style ${JSON.stringify(style)}`];
}
