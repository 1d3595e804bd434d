/**
 * The words that the card itself says, in English; another language is another table, handed in with the options.
 *
 * Invariant: a table is whole: a missing word is a compile error. What an agent or a schema of its own says is never
 * reworded; only our labels (those of templates and of names) are looked up in `labels`.
 */
const ENGLISH = {
  risk: { low: 'Low risk', medium: 'Medium risk', high: 'High risk', critical: 'Critical risk' },
  status: {
    pending: 'Waiting for a decision',
    asked_question: 'Waiting for an answer',
    approved: 'Approved',
    approved_with_edits: 'Approved with changes',
    denied: 'Denied',
    overridden: 'Overridden',
    taken_over: 'Taken over',
    expired: 'Expired',
    cancelled: 'Withdrawn',
    executed: 'Done',
    failed: 'Approved, but it failed',
    unknown: 'Approved, outcome unknown',
  },
  said: {
    summary: 'What',
    why: 'Why',
    happens: 'What happens',
    if_denied: 'If you say no',
    flagged: 'Why it was stopped',
    risks: 'Risks',
    alternatives: 'Alternatives',
    cost: 'Cost',
    confidence: 'Confidence',
  },
  who: {
    agent: 'Agent',
    user: 'User',
    contact: 'Contact',
    team: 'Team',
    task: 'Task',
    trace: 'Trace',
    delegated_from: 'Delegated from',
    channel: 'Channel',
    integration: 'Integration',
    resources: 'Resources',
    data: 'Data',
    tags: 'Tags',
  },
  tokens: (count: string): string => `${count} tokens`,
  none: 'none',
  empty: 'empty',
  emptyText: 'empty text',
  yes: 'Yes',
  no: 'No',
  mismatch: 'does not match its schema',
};

/** What is said once something was typed or decided; the view has it with its parts. */
const ENGLISH_LATER = {
  run: {
    ready: 'About to run',
    running: 'Running',
    executed: 'It ran',
    failed: 'It failed',
    unknown: 'It may or may not have run',
  },
  via: {
    api: 'the API',
    web: 'the web',
    slack: 'Slack',
    email: 'email',
    cli: 'the command line',
    mcp: 'MCP',
    rule: 'a rule',
    system: 'the system',
  },
  cost: (of: string): string => `Cost (${of})`,
  writeNumber: 'Write a number, such as 1250.50',
  manyDigits: 'Too many digits',
};

/** What is said of who is missing (card-routing.ts); a table without it says it in English. */
export type RoutingWords = { needs: (n: number, name: string) => string; stuck: string; self: string };

export type CardWords = typeof ENGLISH &
  typeof ENGLISH_LATER & {
    routing?: RoutingWords;
    /** Labels, titles, questions and notes of our templates, and names in words, by their English. */
    labels?: Readonly<Record<string, string>>;
  };

/** What a choice of words hangs on. */
export type Worded = { words?: CardWords | undefined };

export function wordsOf({ words }: Worded): typeof ENGLISH {
  return words ?? ENGLISH;
}

export function laterWordsOf({ words }: Worded): typeof ENGLISH_LATER {
  return words ?? ENGLISH_LATER;
}

/** A label of ours in the reader's language; as it is where the table does not know it. */
export function inWords(text: string, { words }: Worded): string {
  const labels = words?.labels;
  return labels && Object.hasOwn(labels, text) ? (labels[text] ?? text) : text;
}
