/**
 * The elements as data: attributes, properties, events, slots, parts and tokens, as custom-elements.json, the editors'
 * data and the React components are made from.
 * Invariant: a test holds it against the elements themselves, so nothing here is only a promise.
 */
type Named = { name: string; description: string };
type Property = Named & { type: string; attribute?: string };

export type ElementFacts = {
  tag: 'human-approval-view' | 'human-approval-inbox';
  className: string;
  description: string;
  properties: readonly Property[];
  events: readonly Named[];
  slots: readonly Named[];
  /** Custom states, for rules such as `human-approval-view:state(pending)`. */
  states: readonly Named[];
  parts: readonly Named[];
};

const SHARED: readonly Property[] = [
  {
    name: 'server',
    attribute: 'server',
    type: 'string | null',
    description: 'Base URL of the server; the page’s own origin when absent.',
  },
  {
    name: 'token',
    attribute: 'token',
    type: 'string | null',
    description: 'A key or embed token; without one the session cookie counts.',
  },
  {
    name: 'tokenProvider',
    type: '(() => Token | Promise<Token>) | null',
    description:
      'Asked for a token before each call, and once more after a 401. One with its end ({token, expires_at}) is kept until shortly before.',
  },
  {
    name: 'client',
    type: 'ViewClient | null',
    description: 'Used instead of a client made from server and token.',
  },
  {
    name: 'locale',
    attribute: 'locale',
    type: 'string | null',
    description: 'For numbers and dates; the nearest lang when absent.',
  },
  {
    name: 'timeZone',
    attribute: 'time-zone',
    type: 'string | null',
    description: 'For times; the reader’s own when absent.',
  },
  {
    name: 'readonly',
    attribute: 'readonly',
    type: 'boolean',
    description: 'Show only: no decision, no question. `silent` leaves it to the page to say so.',
  },
  {
    name: 'allow',
    attribute: 'allow',
    type: 'string | null',
    description: 'Decision kinds that may be given here, separated by spaces or commas; all when absent.',
  },
];

const EVENTS: readonly Named[] = [
  { name: 'approval-loaded', description: 'The approval was read; `event.approval`.' },
  {
    name: 'approval-decide',
    description: 'Before a decision is sent; cancel it and nothing is sent. `event.detail`.',
  },
  { name: 'approval-decided', description: 'A decision was recorded; `event.approval`.' },
  { name: 'approval-message', description: 'A question was asked; `event.message`.' },
  { name: 'approval-error', description: 'A call failed; `event.error`.' },
];

export const ELEMENTS: readonly [ElementFacts, ElementFacts] = [
  {
    tag: 'human-approval-view',
    className: 'HumanApprovalView',
    description: 'One approval, shown in full, and decided, asked about and followed from here.',
    properties: [
      {
        name: 'approvalId',
        attribute: 'approval-id',
        type: 'string | null',
        description: 'Which approval to load.',
      },
      {
        name: 'approval',
        type: 'Approval | null',
        description: 'The approval itself; set alone, nothing is loaded or sent.',
      },
      { name: 'live', type: 'boolean', description: 'Whether it follows the live feed itself.' },
      ...SHARED,
    ],
    events: [
      ...EVENTS,
      { name: 'approval-reveal', description: 'A masked value was looked at; `event.pointer`.' },
    ],
    slots: [
      {
        name: 'header-actions',
        description: 'At the end of the top line: the page’s own links and buttons.',
      },
      { name: 'context', description: 'The page’s own panel, between the details and the questions.' },
      { name: 'footer', description: 'Above the decision bar.' },
      {
        name: 'field:…',
        description: 'In place of one value of `params`, by its JSON Pointer: `field:/payee/name`.',
      },
    ],
    states: [
      {
        name: 'pending',
        description: 'The status, whichever it is: `pending`, `asked_question`, `approved`, `expired` …',
      },
      { name: 'critical', description: 'The risk: `low`, `medium`, `high` or `critical`.' },
    ],
    parts: [
      { name: 'card', description: 'The whole card.' },
      { name: 'header', description: 'Risk, template and time left.' },
      { name: 'badge', description: 'The risk.' },
      { name: 'countdown', description: 'The time left.' },
      { name: 'question', description: 'The one thing asked.' },
      { name: 'agent-words', description: 'What the agent says, framed.' },
      { name: 'details', description: 'A titled group of facts.' },
      { name: 'field', description: 'One fact.' },
      { name: 'label', description: 'Its label.' },
      { name: 'value', description: 'Its value.' },
      { name: 'thread', description: 'The questions.' },
      { name: 'message', description: 'One message of them.' },
      { name: 'actions', description: 'The decision bar.' },
      { name: 'approve', description: 'The button that approves.' },
      { name: 'deny', description: 'The button that denies.' },
      { name: 'undo', description: 'The button that takes an approval back while that is possible.' },
      { name: 'more', description: 'The button that offers the other decisions.' },
      { name: 'outcome', description: 'What became of it.' },
      { name: 'settle', description: 'Where a person says what became of a run that nobody knows of.' },
      { name: 'all-data', description: 'All data, as it is.' },
      { name: 'audit', description: 'The audit trail.' },
      { name: 'notice', description: 'What is said in passing.' },
      { name: 'alert', description: 'What went wrong.' },
    ],
  },
  {
    tag: 'human-approval-inbox',
    className: 'HumanApprovalInbox',
    description: 'The requests, live, and the one that was chosen beside them or in their place.',
    properties: [
      {
        name: 'status',
        attribute: 'status',
        type: 'string',
        description: 'pending, decided, all, or statuses as the list takes them.',
      },
      {
        name: 'riskLevel',
        attribute: 'risk-level',
        type: 'string',
        description: 'One risk level; empty for all.',
      },
      { name: 'type', attribute: 'type', type: 'string | null', description: 'One template.' },
      { name: 'agentId', attribute: 'agent-id', type: 'string | null', description: 'One agent.' },
      { name: 'userId', attribute: 'user-id', type: 'string | null', description: 'One end user.' },
      {
        name: 'assignee',
        attribute: 'assignee',
        type: 'string | null',
        description: 'A member or group, or me.',
      },
      { name: 'tag', attribute: 'tag', type: 'string | null', description: 'One tag.' },
      { name: 'q', attribute: 'q', type: 'string | null', description: 'Words to search for.' },
      {
        name: 'lettersOff',
        attribute: 'letters-off',
        type: 'boolean',
        description: 'Switches the single-letter keys off.',
      },
      {
        name: 'pageKeys',
        attribute: 'page-keys',
        type: 'boolean',
        description: 'Hears the keys also while nothing in the page has the focus.',
      },
      ...SHARED,
    ],
    events: [
      ...EVENTS,
      { name: 'approval-select', description: 'A row was opened or closed; `event.approval` or null.' },
    ],
    slots: [],
    states: [],
    parts: [
      { name: 'list', description: 'Heading, filters and rows.' },
      { name: 'count', description: 'How many wait.' },
      { name: 'row', description: 'One row.' },
      { name: 'empty', description: 'In place of rows.' },
      { name: 'batch', description: 'What is chosen, and the buttons for it.' },
      { name: 'preflight', description: 'What a batch comes to, and its answers.' },
      { name: 'detail', description: 'Where the chosen request is shown.' },
    ],
  },
];

/** Custom properties that a page may set. */
export const TOKENS: readonly string[] = [
  '--ha-surface',
  '--ha-sunken',
  '--ha-ground',
  '--ha-text',
  '--ha-muted',
  '--ha-border',
  '--ha-edge',
  '--ha-accent',
  '--ha-on-accent',
  '--ha-success',
  '--ha-info',
  '--ha-warning',
  '--ha-danger',
  '--ha-radius',
  '--ha-space',
  '--ha-font',
  '--ha-font-mono',
];

/** custom-elements.json, schema version 2.1.0 (github.com/webcomponents/custom-elements-manifest). */
export function manifest(): object {
  return {
    schemaVersion: '2.1.0',
    modules: ELEMENTS.map(({ tag, className, description, properties, events, slots, states, parts }) => ({
      kind: 'javascript-module',
      path: `dist/esm/${tag}.js`,
      declarations: [
        {
          kind: 'class',
          customElement: true,
          name: className,
          tagName: tag,
          description,
          superclass: { name: 'LitElement', package: 'lit' },
          members: properties.map(({ type, ...one }) => ({ kind: 'field', ...one, type: { text: type } })),
          attributes: properties.flatMap(({ attribute, name, type, description: text }) =>
            attribute ? [{ name: attribute, fieldName: name, type: { text: type }, description: text }] : [],
          ),
          events: events.map((one) => ({ ...one, type: { text: classOf(one.name) } })),
          slots,
          cssStates: states,
          cssParts: parts,
          cssProperties: TOKENS.map((name) => ({ name })),
        },
      ],
      exports: [
        { kind: 'js', name: className, declaration: { name: className } },
        { kind: 'custom-element-definition', name: tag, declaration: { name: className } },
      ],
    })),
  };
}

/** HTML and CSS data for VS Code, which completes tags, attributes, parts and tokens from it. */
export function editorData(): { html: object; css: object } {
  return {
    html: {
      version: 1.1,
      tags: ELEMENTS.map(({ tag, description, properties }) => ({
        name: tag,
        description,
        attributes: properties.flatMap(({ attribute, description: text }) =>
          attribute ? [{ name: attribute, description: text }] : [],
        ),
      })),
    },
    css: {
      version: 1.1,
      properties: TOKENS.map((name) => ({ name })),
      pseudoElements: [{ name: '::part()' }],
    },
  };
}

function classOf(event: string): string {
  return `${event.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}Event`;
}
