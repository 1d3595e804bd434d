/**
 * A store of realistic size, made quickly: whole lives of approvals through the kernel and the store port, thousands
 * to a transaction.
 * Invariant: what lies in the store afterwards is what the use cases would have written: chained events, snapshots,
 * counters, and a job for what is still open.
 */
import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { Approval } from '../schemas/approval.ts';
import { DEFAULT_SETTINGS } from '../schemas/settings.ts';
import { FIRST_HASH, seal } from '../server/core/audit.ts';
import {
  type Command,
  type Context,
  type Happened,
  isRefusal,
  type Refusal,
} from '../server/core/commands.ts';
import { decide } from '../server/core/decide.ts';
import { effectsOf } from '../server/core/effects.ts';
import { NOBODY } from '../server/core/eligibility.ts';
import { evolve } from '../server/core/evolve.ts';
import type { Ids, Steps, Tables } from '../server/core/ports.ts';
import type { Principal } from '../server/core/principal.ts';
import { newApproval } from '../server/core/request.ts';
import { openStore } from '../server/store/index.ts';
import { createIds } from '../server/system.ts';
import type { FirstRun } from '../server/app/first-run.ts';
import type { Processes } from './processes.ts';
import { sampleRequest } from './sample.ts';

export type Seeded = { data_dir: string; rows: number; took_s: number };

const PER_TX = 2_000;
/** The rows spread evenly over this time before now. */
const SPAN_MS = 90 * 24 * 3_600_000;
/** One in twenty is still open, and stays so while the benchmark runs. */
const OPEN_EVERY = 20;
const LIFE_MS = 365 * 24 * 3_600_000;
const DECIDED_AFTER_MS = 90_000;

/** Makes a first start in a fresh folder, then fills its store. */
export async function seed(processes: Processes, rows: number): Promise<Seeded> {
  const data_dir = processes.folder();
  const server = await processes.server(data_dir);
  await server.stop();
  const from = performance.now();
  const store = await openStore({ file: join(data_dir, 'countersign.db') });
  try {
    const actors = await store.read((t) => actorsOf(t, server.first));
    const ids = createIds();
    const start_ms = Date.now() - SPAN_MS;
    for (let first = 0; first < rows; first += PER_TX) {
      const last = Math.min(rows, first + PER_TX);
      await store.tx(function* (t) {
        for (let n = first; n < last; n++)
          yield* live(t, ids, actors, n, start_ms + Math.floor((n * SPAN_MS) / rows));
      });
    }
  } finally {
    await store.close();
  }
  return { data_dir, rows, took_s: (performance.now() - from) / 1000 };
}

type Actors = { agent: Principal; person: Principal };

function* actorsOf(t: Tables, { workspace_id, member_id }: FirstRun): Steps<Actors> {
  const keys = yield* t.keys.list(workspace_id, null, 10);
  const key = keys.find(({ kind }) => kind === 'agent');
  const member = yield* t.people.get(workspace_id, member_id);
  if (!key || !member) throw new Error('the first start made no agent key or no member');
  return {
    agent: { kind: 'agent', workspace_id, id: key.id, name: key.name, via: 'api', agent_id: null },
    person: {
      kind: 'member',
      workspace_id,
      id: member.id,
      name: member.name,
      via: 'web',
      role: 'admin',
      assurance: 'session',
    },
  };
}

/** The n-th approval: asked for at `now_ms`, and decided soon after unless it is one that stays open. */
function* live(t: Tables, ids: Ids, { agent, person }: Actors, n: number, now_ms: number): Steps<void> {
  const asking: Context = { now_ms, principal: agent, settings: DEFAULT_SETTINGS, directory: NOBODY };
  const input = { ...sampleRequest(n), expires_at: new Date(now_ms + LIFE_MS).toISOString() };
  const frozen = JSON.stringify(input.params);
  const id = ids.make('apr', now_ms);
  const conversation_id = ids.make('cnv', now_ms);
  const url = `http://127.0.0.1:3100/approvals/${id}`;
  const asked = accepted(
    newApproval(input, { ...asking, id, conversation_id, params_digest: hash('sha256', frozen), url }),
  );
  const requested = accepted(decide(null, { type: 'request', approval: asked }, asking));
  const first = seal(requested, placeOf(ids, asked, requested, FIRST_HASH));
  yield* t.approvals.insert({ approval: asked, head_hash: first.hash, frozen });
  yield* t.events.append(first);
  if (n % OPEN_EVERY === 0) {
    for (const job of effectsOf(requested, asked, asking.settings).add) yield* t.jobs.add(job);
    return;
  }
  const deciders = new Map([[person.id, { id: person.id, name: person.name, role: 'admin' as const }]]);
  const directory = { ...NOBODY, deciders };
  const deciding = { ...asking, now_ms: now_ms + DECIDED_AFTER_MS, principal: person, directory };
  const event = accepted(decide(asked, commandOf(n), deciding));
  const approval = evolve(asked, event);
  const sealed = seal(event, placeOf(ids, approval, event, first.hash));
  yield* t.approvals.save({ approval, head_hash: sealed.hash, frozen }, { version: 1, status: 'pending' });
  yield* t.events.append(sealed);
}

function placeOf(ids: Ids, { workspace_id, id, version }: Approval, { at }: Happened, prev_hash: string) {
  return { id: ids.make('evt', Date.parse(at)), workspace_id, approval_id: id, sequence: version, prev_hash };
}

/** Mostly approvals, some denials, few of the rest. */
function commandOf(n: number): Command {
  const turn = n % OPEN_EVERY;
  if (turn <= 13) return { type: 'approve', reason: 'Matches the purchase order.' };
  if (turn <= 17) return { type: 'deny', reason: 'The goods have not arrived.' };
  if (turn === 18) return { type: 'cancel', reason: 'Paid by card meanwhile.' };
  return { type: 'take_over', reason: 'I will call the supplier.' };
}

function accepted<T>(result: T | Refusal): T {
  if (isRefusal(result)) throw new Error(`the kernel declined a sample: ${JSON.stringify(result)}`);
  return result;
}
