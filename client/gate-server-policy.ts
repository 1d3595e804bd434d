/**
 * The gates of the workspace, as the gate in a host's process uses them: read from the server and kept for a while.
 *
 * INVARIANT: on doubt a call is gated: before the first answer, and whenever the last one is too old and no new one
 * came, every declared action stops for a person.
 */
import type { Gates, GateWord } from '../schemas/gates.ts';
import type { GatePolicy } from './gate-policy.ts';

export type ServerPolicyOptions = {
  read: () => Promise<Gates>;
  now: () => number;
  /** How old an answer may be that is still gone by, in ms. */
  max_age_ms: number;
  onError: (error: unknown) => void;
};

export type ServerPolicy = {
  /** The policy at once where it is fresh, else as soon as it is known; null: not known, so everything is gated. */
  now: () => GatePolicy | null | Promise<GatePolicy | null>;
};

export function createServerPolicy({ read, now, max_age_ms, onError }: ServerPolicyOptions): ServerPolicy {
  let known: { policy: GatePolicy; at_ms: number } | null = null;
  let reading: Promise<GatePolicy | null> | null = null;

  const fetched = async (): Promise<GatePolicy | null> => {
    // An answer is as old as its question.
    const at_ms = now();
    try {
      const policy = policyOf(await read());
      known = { policy, at_ms };
      return policy;
    } catch (error) {
      onError(error);
      return null;
    } finally {
      reading = null;
    }
  };
  const again = (): Promise<GatePolicy | null> => (reading ??= fetched());

  return {
    now: () => {
      const age = known ? now() - known.at_ms : Infinity;
      if (!known || age < 0 || age >= max_age_ms) return again();
      // Half its time is over: the next one is fetched while this one still holds, so that nobody waits for it.
      if (age >= max_age_ms / 2) void again();
      return known.policy;
    },
  };
}

function policyOf({ primitives, action_types }: Gates): GatePolicy {
  return { primitives: forced(primitives), action_types: forced(action_types) };
}

/** Any word but the one that opts out gates. */
function forced(words: Record<string, GateWord>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(words).map(([name, word]) => [name, word !== 'not_required']));
}
