/**
 * The words of the inbox, apart from the view's so that the view does not carry them.
 * Invariant: with words.ts the only place of this room with text for people.
 */
import { addTable } from './language.ts';
import type { Wide } from './table.ts';

const ENGLISH = {
  inbox: 'Requests',
  pending: (n: number): string => `${n} waiting`,
  statusFilter: 'Status',
  riskFilter: 'Risk',
  typeFilter: 'Template',
  agentFilter: 'Agent',
  mineFilter: 'Assigned to me',
  search: 'Search',
  moreFilters: 'More filters',
  any: 'Any',
  filters: {
    pending: 'Waiting',
    decided: 'Decided',
    all: 'All',
  },
  counted: (word: string, n: number): string => `${word} (${n})`,
  risks: { '': 'Any risk', low: 'Low', medium: 'Medium', high: 'High', critical: 'Critical' },
  groups: {
    soon: 'Ends within the hour',
    critical: 'Critical risk',
    high: 'High risk',
    medium: 'Medium risk',
    low: 'Low risk',
    done: 'Decided',
  },
  newRows: (n: number): string => `${n} new`,
  rowArrived: (question: string): string => `New request: ${question}`,
  showMore: (n: number): string => `Show more (${n})`,
  loadMore: 'Load more',
  cancel: 'Back',
  back: 'Back to the list',
  none: 'Nothing waits for you.',
  noneHint: 'New requests appear here by themselves.',
  noneFiltered: 'No request matches these filters.',
  notGiven: (question: string): string => `Not recorded, open it to see: ${question}`,
  choose: 'Choose a request from the list.',

  pick: (question: string): string => `Choose: ${question}`,
  pickOpen: 'Not open any more.',
  pickRisk: 'High and critical risk is decided one by one.',
  pickKind: 'Only requests of the same kind can be decided together.',
  pickMany: (n: number): string => `At most ${n} at once.`,
  chosen: (n: number): string => `${n} chosen`,
  clear: 'Clear',
  close: 'Close',
  batch: {
    approve: (n: number): string => `Approve ${n}`,
    deny: (n: number): string => `Deny ${n}`,
  },
  sum: (label: string): string => `${label}, together`,
  without: (n: number): string => `(${n} without)`,
  different: (n: number): string => (n === 1 ? 'all the same' : `${n} different`),
  unlike: 'Unlike the others: look at these one by one.',
  times: (n: string): string => `${n} times the usual`,
  batchDone: (done: number, all: number): string =>
    done === all ? `All ${all} are recorded.` : `${done} of ${all} are recorded.`,
  noAnswer: 'No answer came for this one: open it to see.',
  batchUnsure: 'It is not known which of them were recorded. The list was read again.',
  batchBy: (name: string): string => `${name} was first.`,

  help: 'Keys',
  keyHelp: [
    ['j k ↓ ↑', 'move along the rows'],
    ['Enter', 'open'],
    ['Esc', 'close'],
    ['a', 'go to Approve'],
    ['r', 'go to Deny'],
    ['e', 'edit values'],
    ['c', 'ask the agent'],
    ['d', 'pass it on'],
    ['x', 'choose for a batch'],
    ['Shift j k', 'choose and move'],
    ['?', 'these keys'],
  ],
} as const;

export type InboxWords = Wide<typeof ENGLISH>;
export const INBOX: InboxWords = { ...ENGLISH };

addTable('inbox', INBOX);
