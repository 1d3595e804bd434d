/**
 * The keys of the inbox as data: what each does, for the listener and for the help.
 * Invariant: no key decides; `a` and `r` only bring the button forward. Ignored while somebody types (WCAG 2.1.4).
 */
export const KEYS: Readonly<Record<string, KeyAction>> = {
  j: 'next',
  ArrowDown: 'next',
  k: 'previous',
  ArrowUp: 'previous',
  J: 'pick-next',
  K: 'pick-previous',
  x: 'pick',
  a: 'approve',
  r: 'deny',
  e: 'edit',
  c: 'ask',
  d: 'delegate',
  '?': 'help',
  Escape: 'close',
};

export type ViewPart = 'approve' | 'deny' | 'edit' | 'ask' | 'delegate';
export type KeyAction =
  | 'next'
  | 'previous'
  | 'pick-next'
  | 'pick-previous'
  | 'pick'
  | 'help'
  | 'close'
  | ViewPart;

/** What can be asked for without a row at hand. */
const FREE: ReadonlySet<KeyAction | undefined> = new Set(['next', 'previous', 'help', 'close']);

/** Whether a key was pressed while nothing has the focus. Without a row at hand it only moves: none is chosen by itself. */
export function isNobodys(event: KeyboardEvent, atHand: boolean): boolean {
  return event.target === document.body && (atHand || FREE.has(KEYS[event.key]));
}

/** What a key asks for here; null for none. Escape always works; letters not while typing or when switched off. */
export function keyAction(event: KeyboardEvent, lettersOff: boolean): KeyAction | null {
  if (event.metaKey || event.ctrlKey || event.altKey || event.defaultPrevented) return null;
  const action = KEYS[event.key] ?? null;
  const from = event.composedPath()[0] as Element;
  if (event.key !== 'Escape' && from.matches('input:not([type=checkbox]), textarea, select')) return null;
  return lettersOff && event.key.length === 1 ? null : action;
}
