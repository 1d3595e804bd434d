/**
 * Proving who asks: a key, a session or an embed token becomes a principal.
 * INVARIANT: after a revocation returns, no call with it succeeds here; in other processes within a second.
 */
import type { Deps } from './deps.ts';
import { createEmbedAccess, type EmbedAccess } from './embed-access.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { createSessionList, type SessionList } from './session-list.ts';
import { createSessions, type Sessions } from './sessions.ts';

export type Access = Omit<Keyring & Sessions & SessionList & EmbedAccess, 'forget'> & {
  /** Forgets what is known about keys, sessions and embed tokens; call after any revocation. */
  forget(): void;
  /** The same for this process alone: another one said that a right ended. */
  forgetHere(): void;
};

/** `ended` is called whenever a right ended, so that what is open under it can be closed. */
export function createAccess(
  deps: Pick<Deps, 'store' | 'clock' | 'ids' | 'log' | 'public_url'>,
  ended: () => void,
): Access {
  const keyring = createKeyring(deps);
  const embed = createEmbedAccess(deps);
  const sessions = createSessions(deps);
  const forgetHere = () => {
    keyring.forget();
    sessions.forget();
    embed.forget();
  };
  const forget = () => {
    forgetHere();
    ended();
  };
  return {
    ...keyring,
    ...sessions,
    ...embed,
    ...createSessionList(deps, forget),
    signOut: async (token) => {
      await sessions.signOut(token);
      ended();
    },
    forget,
    forgetHere,
  };
}
