/**
 * Who calls in the authorisation matrix, what they call on, and with which body.
 *
 * A new route needs a line in matrix-table.ts; a new kind of object in a path one maker here (OBJECTS), and a route that
 * takes a body with members that are required one body (BODIES).
 */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import type { EmbedScope } from '../../schemas/embed.ts';
import type { NewKey, SignInLink } from '../../schemas/people.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import type { Store } from '../../server/core/ports.ts';
import { call } from '../support/call.ts';
import { mint, ORIGIN, registerHost } from '../support/embedding.ts';
import { type ManualClock, manualClock } from '../support/manual-clock.ts';
import { addWorkspace } from '../support/second-workspace.ts';
import { addPerson, ask, type Person, type Running, signIn, startCountersign } from '../support/server.ts';

/** The columns of the table, in its order. */
export const CALLERS = [
  'agent',
  'bound',
  'service',
  'viewer',
  'reviewer',
  'admin',
  'eu_view',
  'eu_comment',
  'eu_decide',
  'em_decide',
  'nobody',
  'expired',
] as const;
export type Caller = (typeof CALLERS)[number];
/** Whose object: the caller's, another's of the same workspace, another workspace's, or one that never was. */
export type Whose = 'own' | 'other' | 'foreign' | 'unknown';

/** How a caller proves who they are. */
export type Proof = { key: string | null; headers: Record<string, string> };
type Side = { url: string; keys: FirstRun['keys']; people: Person[]; installations: string[] };
export type World = {
  server: Running;
  here: Side;
  there: Side;
  bound_key: string;
  people: Record<'viewer' | 'reviewer' | 'admin', Person>;
  expired_cookie: string;
  /** A number that was not given before. */
  next: () => number;
};

const SESSION_MS = 13 * 3_600_000;
const SCOPES: Partial<Record<Caller, EmbedScope[]>> = {
  eu_view: ['view'],
  eu_comment: ['view', 'comment'],
  eu_decide: ['view', 'comment', 'decide'],
  em_decide: ['view', 'comment', 'decide'],
};

/** Two workspaces on one server, and everybody who calls. */
export async function makeWorld(): Promise<World> {
  const clock = manualClock();
  let foreign: FirstRun | null = null;
  const teams: string[][] = [];
  const server = await startCountersign({
    clock,
    calls_per_minute: 1_000_000,
    seed: async (store, first) => {
      foreign = await addWorkspace(store);
      for (const { workspace_id } of [first, foreign]) teams.push(await installTeams(store, workspace_id));
    },
  });
  assert.ok(foreign);
  const { url, keys } = server;
  const there: Side = { url, keys: (foreign as FirstRun).keys, people: [], installations: teams[1] ?? [] };
  const expired_cookie = await expired(server, clock);
  await registerHost(server);
  await registerHost(there, { origin: 'https://b.example' });
  const wanted = { kind: 'agent', name: 'Bound', agent_id: 'agent-a' };
  const { body: bound } = await call<NewKey>(url, keys.personal, 'POST', '/v1/keys', wanted);
  there.people.push(await addPerson(there, 'reviewer'));
  const viewer = await addPerson(server, 'viewer');
  const reviewer = await addPerson(server, 'reviewer');
  const admin = { id: server.first.member_id, name: 'Admin', key: keys.personal };
  const bystander = await addPerson(server, 'reviewer', 'A bystander');
  const here: Side = { url, keys, people: [bystander], installations: teams[0] ?? [] };
  let n = 0;
  const people = { viewer, reviewer, admin };
  return { server, here, there, bound_key: bound.key, people, expired_cookie, next: () => ++n };
}

/** A session that was good, and whose time is over. */
async function expired(server: Running, clock: ManualClock): Promise<string> {
  const cookie = await signIn(server.first.sign_in_url);
  clock.jump(SESSION_MS);
  return cookie;
}

async function installTeams(store: Store, workspace_id: string): Promise<string[]> {
  const ids = Array.from({ length: 3 }, (_, n) => `sin_${workspace_id.slice(-8)}00${n}`);
  for (const id of ids) {
    const row = {
      id,
      workspace_id,
      enterprise_id: null,
      team_id: `T${id}`,
      team_name: 'A team',
      bot_user_id: 'U1',
    };
    const made = { ...row, scopes: [], tokens_sealed: null, expires_at_ms: null, generation: 1 };
    await store.tx((t) =>
      t.installations.put({ ...made, installed_by: 'mem_x', installed_at_ms: 0, uninstalled_at_ms: 1 }),
    );
  }
  return ids;
}

/** Proves a caller; an embed token lists the approval that is its own. */
export async function prove(w: World, caller: Caller, listed: string): Promise<Proof> {
  const byKey = (key: string): Proof => ({ key, headers: {} });
  switch (caller) {
    case 'agent':
    case 'service':
      return byKey(w.here.keys[caller]);
    case 'bound':
      return byKey(w.bound_key);
    case 'viewer':
    case 'reviewer':
    case 'admin':
      return byKey(w.people[caller].key);
    case 'eu_view':
    case 'eu_comment':
    case 'eu_decide':
    case 'em_decide': {
      const who = caller === 'em_decide' ? { member_id: w.people.reviewer.id } : {};
      const { token } = await mint(w.server, [listed], { ...who, scope: SCOPES[caller] ?? [] });
      return { key: token, headers: { Origin: ORIGIN } };
    }
    case 'nobody':
      return { key: null, headers: {} };
    case 'expired':
      return { key: null, headers: { Cookie: w.expired_cookie, Origin: w.server.url } };
    default:
      return caller satisfies never;
  }
}

type Params = Record<string, string>;
type Maker = (w: World, side: Side, caller: Caller, whose: Whose) => Promise<Params> | Params;

const post = async <T>({ url, keys }: Side, path: string, body: unknown, key = keys.personal): Promise<T> => {
  const made = await call<T>(url, key, 'POST', path, body);
  assert.ok(made.status < 300, made.text);
  return made.body;
};

/** The person a caller is, where they are one; else somebody. */
function personOf(w: World, caller: Caller, side: Side, whose: Whose): Person {
  if (side === w.there || whose === 'other') return side.people[0] ?? w.people.reviewer;
  return caller === 'viewer' || caller === 'admin' ? w.people[caller] : w.people.reviewer;
}

/** The key by which a caller would have asked: theirs, or another asker's. */
function askerOf(w: World, caller: Caller, whose: Whose): string {
  const { agent, service } = w.here.keys;
  if (whose === 'other') return caller === 'agent' ? w.bound_key : agent;
  if (caller === 'bound') return w.bound_key;
  if (caller === 'service') return service;
  return caller === 'reviewer' || caller === 'admin' ? w.people[caller].key : agent;
}

const approval: Maker = async (w, side, caller, whose) => {
  const key = side === w.there ? side.keys.agent : askerOf(w, caller, whose);
  return { id: (await ask(side, { risk_level: 'low' }, key)).id };
};
const webhook: Maker = async (w, side) => {
  const url = `https://hooks.invalid/${w.next()}`;
  return { id: (await post<{ id: string }>(side, '/v1/webhooks', { url })).id };
};
/** Made anew where it may be removed: for `other`; one's own membership is looked at alone. */
const memberOf: Maker = async (w, side, caller, whose) => {
  if (whose === 'other') return { id: (await addPerson(side, 'viewer', `Member ${w.next()}`)).id };
  return { id: personOf(w, caller, side, whose).id };
};

/** Makers of what a path names, by the route's path up to its first verb. */
export const OBJECTS: Record<string, Maker> = {
  '/v1/approvals/:id': approval,
  '/v1/events': approval,
  '/v1/members/:id': memberOf,
  '/v1/members/:id/accounts/:account_id': async (w, side, caller, whose) => {
    const { id } = await memberOf(w, side, caller, whose);
    const account = { provider: 'slack', team: 'T1', user: `U${w.next()}` };
    const made = await post<{ id: string }>(side, `/v1/members/${id}/accounts`, account);
    return { id: id ?? '', account_id: made.id };
  },
  '/v1/rules/:id': async (w, side) => ({ id: (await post<{ id: string }>(side, '/v1/rules', ruleOf(w))).id }),
  '/v1/keys/:id': async (w, side, caller, whose) => {
    const { id: member_id } = personOf(w, caller, side, whose);
    return {
      id: (await post<NewKey>(side, '/v1/keys', { kind: 'personal', name: 'One more', member_id })).id,
    };
  },
  '/v1/webhooks/:id': webhook,
  '/v1/webhooks/:id/deliveries/:delivery_id': async (w, side, caller, whose) => {
    const { id } = await webhook(w, side, caller, whose);
    const { id: delivery_id } = await post<{ id: string }>(side, `/v1/webhooks/${id}/test`, {});
    return { id: id ?? '', delivery_id };
  },
  '/v1/sessions/:id': async (w, side, caller, whose) => {
    const { id } = personOf(w, caller, side, whose);
    const link = await post<SignInLink>(side, `/v1/members/${id}/sign-in-link`, {});
    // The other workspace's links name another address.
    await signIn(link.sign_in_url.replace('http://other.invalid', side.url));
    type Listed = { items: { id: string; member_id: string }[] };
    const { body } = await call<Listed>(side.url, side.keys.personal, 'GET', '/v1/sessions');
    return { id: body.items.find(({ member_id }) => member_id === id)?.id ?? '' };
  },
  '/v1/slack/installations/:id': (_w, side, caller) => ({
    // Only an admin removes one.
    id:
      (caller === 'admin' && side.installations.length > 1
        ? side.installations.pop()
        : side.installations[0]) ?? '',
  }),
  '/v1/embed-tokens/:id': async (w, side) => {
    const { id } = await ask(side);
    const origin = side === w.there ? 'https://b.example' : ORIGIN;
    return { id: (await mint({ url: side.url, keys: side.keys }, [id], { origin })).id };
  },
  '/v1/origins/:id': async (w, side) => {
    const origin = `https://page-${w.next()}.example`;
    return { id: (await post<{ id: string }>(side, '/v1/origins', { origin })).id };
  },
  '/v1/host-keys/:kid': async (w, side) => {
    // Of the same length, so that only the name differs.
    const kid = `key-${String(w.next()).padStart(8, '0')}`;
    await post(side, '/v1/host-keys', { kid, name: 'One more', public_key: PUBLIC_KEY });
    return { kid };
  },
};

const PUBLIC_KEY = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });

/** A rule that takes nothing: one that approves would wait for a second admin. */
const ruleOf = (w: World) => ({
  name: `Rule ${w.next()}`,
  effect: 'require',
  match: { 'action.prefix': 'nobody.asks.' },
});

/** The body of a route; `id` is the approval that is spoken of. */
export const BODIES: Record<string, (w: World, id: string) => unknown> = {
  'approvals.create': () => ({ action_type: 'cards.create', action_summary: 'Issue a card' }),
  'approvals.decide': (_w, id) => ({ ids: [id], decision: 'deny' }),
  'approvals.approveWithEdits': () => ({ edits: { amount: 10 } }),
  'approvals.respond': () => ({ decision: 'take_over' }),
  'approvals.settle': () => ({ outcome: 'executed', note: 'Seen' }),
  'approvals.claim': () => ({ lease_s: 60, repeatable: false }),
  'approvals.report': () => ({ outcome: 'executed', attempt: 1 }),
  'approvals.sendMessage': () => ({ content: 'What for?' }),
  'members.create': (w) => ({ name: `Member ${w.next()}`, role: 'viewer' }),
  'members.linkAccount': (w) => ({ provider: 'slack', team: 'T1', user: `U${w.next()}` }),
  'rules.create': ruleOf,
  'rules.preview': (w) => ({ rule: ruleOf(w) }),
  'gates.change': () => ({ action_types: { 'nobody.asks': 'required' } }),
  'keys.create': () => ({ kind: 'agent', name: 'One more' }),
  'webhooks.create': (w) => ({ url: `https://hooks.invalid/${w.next()}` }),
  'webhooks.replayFailed': () => ({ since: '2020-01-01T00:00:00.000Z' }),
  'embedTokens.create': (_w, id) => ({ user_id: 'u2', origin: ORIGIN, approvals: [id], scope: ['view'] }),
  'origins.create': (w) => ({ origin: `https://made-${w.next()}.example` }),
  'hostKeys.create': (w) => ({ kid: `made-${w.next()}`, name: 'One more', public_key: PUBLIC_KEY }),
};
