/**
 * The words of what is loaded on demand: the form, its findings, and the audit trail.
 * Invariant: as in words.ts, so that another language is another table.
 */
import { many, type Wide } from './table.ts';

const ENGLISH = {
  yesNo: (yes: boolean): string => (yes ? 'Yes' : 'No'),
  removeRow: (n: number): string => `Remove row ${n}`,
  addRow: 'Add a row',
  check: {
    never: 'is not allowed',
    needed: 'is needed',
    option: 'is none of the choices',
    twice: 'holds the same twice',
    type: (type: string): string => `must be: ${type}`,
    only: (value: string): string => `must be ${value}`,
    least: (n: unknown): string => `must be at least ${String(n)}`,
    most: (n: unknown): string => `must be at most ${String(n)}`,
    more: (n: unknown): string => `must be more than ${String(n)}`,
    less: (n: unknown): string => `must be less than ${String(n)}`,
    step: (n: number): string => `must be a multiple of ${n}`,
    longer: (n: unknown): string => `needs at least ${String(n)} characters`,
    shorter: (n: unknown): string => `may have at most ${String(n)} characters`,
    moreItems: (n: unknown): string => `needs at least ${String(n)}`,
    fewerItems: (n: unknown): string => `may have at most ${String(n)}`,
    format: (format: string): string => `must be a ${format}`,
    pattern: (pattern: string): string => `must match ${pattern}`,
  },
  auditValid: (n: number): string => `${many(n, 'entry', 'entries')}; the chain of hashes is intact.`,
  auditBroken: 'The chain of hashes is broken: this record was tampered with or damaged.',
  auditBy: (actor: string, via: string): string => `${actor} through ${via}`,
  reveal: 'Show',
  showMore: (n: number): string => `Show ${n} more`,
  showCharacters: (n: number): string => `Show ${many(n, 'more character', 'more characters')}`,
  opensAt: (host: string): string => `opens ${host}`,
  outcomeBy: (by: string, via: string): string => `by ${by} through ${via}`,
  nobody: 'Nobody decided.',
  because: 'Reason given',
  instead: 'To be done instead',
  settleHow: 'Look where it should have happened, and say what you found. It goes on the record.',
  settleNote: 'What you found',
  settleRan: 'It ran',
  settleNot: 'It did not run',
  result: 'Result',
  error: 'Error',
  attempts: (n: number): string => many(n, 'attempt', 'attempts'),
  unsent: 'Your changes, which were not sent',
  changes: 'Changes',
  was: 'was',
  becomes: 'becomes',
  nothing: 'nothing',
  offline: 'Connection lost. What you see may be old; reconnecting…',
  online: 'Connected again.',
  newMessages: (n: number): string => `${many(n, 'message was', 'messages were')} added.`,
  newReasoning: 'The agent changed its reasoning.',
  newVotes: 'Somebody approved; more approvals are needed.',
  delegated: 'It was passed on to somebody else.',
  updated: 'The request was updated.',
  notLive: 'Not live: changes appear when the page is loaded again.',
  notFound: 'This request does not exist, or you may not see it.',
  signedOut: 'You are not signed in. Open a sign-in link and come back.',
  conflict: 'Not recorded: somebody was first.',
  changed: 'Not recorded: the request changed while you looked at it.',
  lookAgain: 'Look at it again, then decide.',
  decidedBy: (word: string, by: string, via: string, at: string): string =>
    `${word} by ${by} through ${via}, ${at}.`,
  decision: 'Decision',
  masked: (n: number): string =>
    n === 1
      ? '1 masked value is masked here too. Show it where it stands above.'
      : `${n} masked values are masked here too. Show them where they stand above.`,
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
  authorPerson: 'Person',
  authorAgent: 'Agent',
  authorContext: 'From the request, automatic',
  passedOn: 'It was passed on. That is recorded; it is still open.',
  voteRecorded: (given: number, needed: number): string =>
    `Your approval is recorded. ${given} of ${needed} have approved; it is still open.`,
  votes: (given: number, needed: number): string => `${given} of ${needed} approvals`,
  votesBy: (names: string): string => `so far: ${names}`,
  more: 'More',
  cancel: 'Back',
  sending: 'Recording…',
  auditLoading: 'Loading the trail…',
  auditFailed: 'The trail could not be loaded.',
} as const;

export type PartWords = Wide<typeof ENGLISH>;
export const PART_WORDS: PartWords = { ...ENGLISH };
