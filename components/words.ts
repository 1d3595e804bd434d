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
  notLive: 'Not live: changes appear when the page is loaded again.',

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
  votes: (given: number, needed: number): string => `${given} of ${needed} approvals`,
  votesBy: (names: string): string => `so far: ${names}`,

  approve: 'Approve',
  approveEdits: (n: number): string => `Approve with ${many(n, 'change', 'changes')}`,
  deny: 'Deny',
  edit: 'Edit values',
  discard: 'Discard changes',
  noParts:
    'Shown plainly and without editing: the file human-approval-parts.js could not be loaded. It has to stand beside this script; then load the page again.',
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
  notSent: 'Not sent: you left before the time was over. Press again.',
  notSentChanged: 'Not sent: the request changed. Look at it again.',
  mendFirst: 'Mend the marked values first.',
  more: 'More',
  cancel: 'Back',
  offlinePress: 'You are offline. Nothing was sent; press again when you are connected.',
  panels: {
    delegate: {
      open: 'Pass it on…',
      label: 'To whom',
      hint: 'Email address or member id',
      send: 'Pass it on',
    },
    override: {
      open: 'Do something else…',
      label: 'What should be done instead',
      hint: 'This request is refused; the agent is told this instead',
      send: 'Override',
    },
    take_over: {
      open: 'Take it over…',
      label: '',
      hint: 'You do it yourself, by hand. The agent stands down and nothing is run.',
      send: 'Take over',
    },
  },
  decidingAs: (name: string): string => `You decide as ${name}. It is recorded.`,
  lookOnly: 'You can read this request but not decide on it.',
  sending: 'Recording…',
  handedOn: 'Handed to this page.',
  recorded: (word: string): string => `${word}. It is recorded.`,
  passedOn: 'It was passed on. That is recorded; it is still open.',
  voteRecorded: (given: number, needed: number): string =>
    `Your approval is recorded. ${given} of ${needed} have approved; it is still open.`,

  notRecorded: 'Not recorded.',
  unsure:
    'The answer got lost, so it is not known whether your decision was recorded. The request was read again.',

  questions: (n: number): string => (n === 0 ? 'Questions' : `Questions (${n})`),
  ask: 'Ask',
  askLabel: 'Ask the agent a question',
  waitingForAnswer: 'The agent owes an answer. You can still decide.',
  authorPerson: 'Person',
  authorAgent: 'Agent',
  authorContext: 'From the request, automatic',

  allData: 'All data',
} as const;

export type Words = Wide<typeof ENGLISH>;
/** The words in the language of the element that is being drawn (language.ts). */
export const WORDS: Words = { ...ENGLISH };
