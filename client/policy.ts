/**
 * Rules, gates and trust in the SDK: for scripts of admins, and for the gate that takes its policy from the server.
 * A change that loosens the policy may wait for another admin: `isPendingApproval` tells that answer.
 * Invariant: names and shapes are those of the wire.
 */
import type { Gates, GatesPatch } from '../schemas/gates.ts';
import type { PendingChange } from '../schemas/policy-change.ts';
import type { CreateRule, Rule, RulePreview, SavedRule } from '../schemas/rule.ts';
import type { TrustReport } from '../schemas/trust.ts';
import { type Abort, newKey } from './client.ts';
import type { Http } from './http.ts';

export type RulePage = { items: Rule[]; next_cursor: string | null };

export type Rules = {
  list: (query?: { limit?: number; cursor?: string }, options?: Abort) => Promise<RulePage>;
  get: (id: string, options?: Abort) => Promise<Rule>;
  /** Saves a rule; `warnings` says what to know about it. `idempotency_key` is made when absent. */
  create: (
    rule: CreateRule,
    options?: Abort & { idempotency_key?: string },
  ) => Promise<SavedRule | PendingChange>;
  /** Null when it is gone. */
  remove: (id: string) => Promise<PendingChange | null>;
  /** What the rule would have decided of the last 1,000 requests; saves nothing. */
  preview: (rule: CreateRule, options?: Abort) => Promise<RulePreview>;
};

export type GatesClient = {
  get: (options?: Abort) => Promise<Gates>;
  /** Merges words; null takes one back. */
  change: (patch: GatesPatch) => Promise<Gates | PendingChange>;
};

export type TrustClient = {
  /** What each agent has earned, by action type, and why. */
  get: (
    query?: { agent_id?: string; action_type?: string; limit?: number; cursor?: string },
    options?: Abort,
  ) => Promise<TrustReport>;
};

export function rulesOf(http: Http): Rules {
  const path = (id: string) => `/v1/rules/${encodeURIComponent(id)}`;
  return {
    list: (query = {}, { signal } = {}) =>
      http.json<RulePage>({ method: 'GET', path: '/v1/rules', query, signal }),
    get: (id, { signal } = {}) => http.json<Rule>({ method: 'GET', path: path(id), signal }),
    create: (rule, { idempotency_key, signal } = {}) =>
      http.json<SavedRule | PendingChange>({
        method: 'POST',
        path: '/v1/rules',
        body: rule,
        headers: { 'idempotency-key': idempotency_key ?? newKey() },
        signal,
        repeatable: true,
      }),
    remove: async (id) =>
      (await http.json<PendingChange | null | undefined>({ method: 'DELETE', path: path(id) })) ?? null,
    preview: (rule, { signal } = {}) =>
      http.json<RulePreview>({
        method: 'POST',
        path: '/v1/rules/preview',
        body: { rule },
        signal,
        repeatable: true,
      }),
  };
}

export function gatesOf(http: Http): GatesClient {
  return {
    get: ({ signal } = {}) => http.json<Gates>({ method: 'GET', path: '/v1/gates', signal }),
    change: (patch) => http.json<Gates | PendingChange>({ method: 'PUT', path: '/v1/gates', body: patch }),
  };
}

export function trustOf(http: Http): TrustClient {
  return {
    get: (query = {}, { signal } = {}) =>
      http.json<TrustReport>({ method: 'GET', path: '/v1/trust', query, signal }),
  };
}
