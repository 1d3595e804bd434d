/**
 * Every word the elements say, in English; the words of the card itself (risk, status, labels) are the core's.
 * Invariant: no other file of this room holds text for people, so that another language is another table.
 */
import { many, type Wide } from './table.ts';

const ENGLISH = {
  loading: 'Loading the request…',
  retry: 'Try again',
  loadFailed: 'The request could not be loaded.',
  updated: 'The request was updated.',
  notLive: 'Not live: load the page again to see what is new.',

  asks: 'asks',
  withKey: (key: string): string => `with the key “${key}”`,
  onBehalf: (who: string): string => `on behalf of ${who}`,
  agentWords: (agent: string): string => `In the words of ${agent}`,
  agentQuestion: 'The agent’s own words',
  details: 'Details',
  context: 'Context',
  request: 'What is sent',
  who: 'About this request',
  action: 'Action',
  created: 'Asked',
  expires: 'Open until',
  notStated: 'not stated by the agent',
  left: (time: string): string => `${time} left`,
  announceLeft: (minutes: number): string => `${many(minutes, 'minute', 'minutes')} left to decide.`,
  timeUp: 'Time is up. Nobody decided, which counts as a denial.',

  approve: 'Approve',
  deny: 'Deny',
  edit: 'Edit values',
  noParts: 'Shown plainly: human-approval-parts.js is not beside this script. Put it there and reload.',
  reason: 'Reason',
  reasonHint: 'Reason for the agent (optional)',
  reasonDue: 'Reason for the agent',
  reasonNeeded: 'To approve, say why.',
  confirm: (word: string): string => `To approve, type “${word}”`,
  confirmWord: 'approve',
  lookFirst: 'To approve, read the details to the end.',
  held: (seconds: number): string => `Approving in ${seconds} s`,
  heldAloud: (seconds: number): string => `Approving in ${seconds} s. Escape takes it back.`,
  undo: 'Undo',
  undone: 'Taken back. Nothing was sent.',
  notSent: 'Not sent: you left too early. Press again.',
  notSentChanged: 'Not sent: the request changed. Look again.',
  more: 'More',
  offlinePress: 'You are offline. Nothing was sent. Press again later.',
  decidingAs: (name: string): string => `You decide as ${name}. It is recorded.`,
  lookOnly: 'You can read this request but not decide on it.',
  sending: 'Recording…',
  handedOn: 'Handed to this page.',
  recorded: (word: string): string => `${word}. It is recorded.`,

  notRecorded: 'Not recorded.',
  unsure:
    'The answer got lost: it is not known whether your decision was recorded. The request was read again.',

  questions: (n: number): string => (n === 0 ? 'Questions' : `Questions (${n})`),
  ask: 'Ask',
  askLabel: 'Ask the agent a question',

  allData: (total: number, unshown: number): string =>
    `All data (${many(total, 'value', 'values')}${unshown === 0 ? '' : `, ${unshown} not shown above`})`,
  audit: 'Audit trail',
} as const;

export type Words = Wide<typeof ENGLISH>;
/** The words in the language of the element that is being drawn (language.ts). */
export const WORDS: Words = { ...ENGLISH };
