/**
 * A Countersign with channels whose process can die around a call of a channel, as in mortal.ts, and whose calls can be
 * made to fail. What was committed or sent stays; a new life takes over when leases have run out.
 */
import assert from 'node:assert/strict';
import type { Approval } from '../../schemas/approval.ts';
import type { ChannelName } from '../../schemas/channel.ts';
import type { SettingsPatch } from '../../schemas/settings.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import type { Channel, ChannelError } from '../../server/core/channel-ports.ts';
import { isRefusal } from '../../server/core/commands.ts';
import type { Store } from '../../server/core/ports.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { agent, cleo, WORKSPACE } from './kernel.ts';
import { manualClock, type ManualClock } from './manual-clock.ts';
import { SECRET } from './server.ts';

export type CallName = 'post' | 'update' | 'say';
/** What the next calls of the channel under test do; 'die after' performs the call and ends the process. */
export type Plan = (call: CallName) => ChannelError | 'die before' | 'die after' | 'hang' | null;

export type World = {
  clock: ManualClock;
  /** The use cases of the process that lives now. */
  cases: () => UseCases;
  plan(next: Plan | null): void;
  /** Runs what is due until nothing is, or until the process dies; says whether it died. */
  run(): Promise<boolean>;
  /** A new process takes over after every lease has run out. */
  revive(): void;
  ask(more?: Record<string, unknown>): Promise<Approval>;
  set(patch: SettingsPatch): Promise<void>;
  /** Where the card of an approval stands. */
  refOf(id: string, channel: ChannelName, to: string): Promise<string | null>;
};

const ids = createIds();
const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const never = () => new Promise<never>(() => {});
const LEASE_MS = 61_000;

type Parts = { store: Store; channels: readonly { channel: Channel; default_to: string | null }[] };

/** `channels[0]` is the one whose calls can be planned. */
export function channelWorld({ store, channels }: Parts): World {
  const clock = manualClock();
  let plan: Plan | null = null;
  let life = live();

  function live() {
    const self = { dead: false, died: () => {} };
    const die = (): Promise<never> => {
      self.dead = true;
      self.died();
      return never();
    };
    const mortal: Store = {
      ...store,
      tx: (work) => (self.dead ? never() : store.tx(work)),
      read: (work) => (self.dead ? never() : store.read(work)),
    };
    const planned = async <T>(call: CallName, work: () => Promise<T>): Promise<T> => {
      const what = plan?.(call) ?? null;
      if (what === 'die before') return die();
      if (what === 'hang') return never();
      if (what !== null && what !== 'die after') throw what;
      const done = await work();
      return what === 'die after' ? die() : done;
    };
    const of = (name: ChannelName): Channel | null => {
      const real = channels.find(({ channel }) => channel.name === name)?.channel ?? null;
      if (!real || real !== channels[0]?.channel) return real;
      return {
        ...real,
        post: (to, shown) => planned('post', () => real.post(to, shown)),
        update: (posted, shown, since) => planned('update', () => real.update(posted, shown, since)),
        say: (posted, message, shown) => planned('say', () => real.say(posted, message, shown)),
      };
    };
    const cases = createUseCases({
      store: mortal,
      clock,
      ids,
      log: quiet,
      sealer: createSealer(SECRET),
      responder: contextResponder,
      outbound: { issueOf: () => null, send: never },
      chance: () => 0.5,
      executor: null,
      public_url: 'http://channels.test',
      channels: {
        names: channels.map(({ channel }) => channel.name),
        defaultOf: (name) => channels.find(({ channel }) => channel.name === name)?.default_to ?? null,
        of,
      },
    });
    return { self, cases };
  }

  return {
    clock,
    cases: () => life.cases,
    plan: (next) => {
      plan = next;
    },
    run: async () => {
      const { self, cases } = life;
      const death = new Promise<boolean>((resolve) => {
        self.died = () => resolve(true);
      });
      return Promise.race([death, cases.worker.runDue().then(() => false)]);
    },
    revive: () => {
      clock.jump(LEASE_MS);
      life = live();
    },
    ask: async (more = {}) => {
      const input = { action_type: 'payments.send', action_summary: 'Pay the invoice', ...more };
      const made = await life.cases.approvals.request(agent, input, '{}', null);
      assert.ok(!isRefusal(made), JSON.stringify(made));
      return JSON.parse(made.text) as Approval;
    },
    refOf: async (id, channel, to) => {
      const posts = await store.read((t) => t.posts.ofApproval(id));
      return posts.find((post) => post.channel === channel && post.to === to)?.ref ?? null;
    },
    set: async (patch) => {
      const changed = await life.cases.settings.change(cleo, patch);
      assert.ok(!isRefusal(changed), JSON.stringify(changed));
    },
  };
}

/** The workspace of the kernel's people, with a reviewer who can be reached everywhere. */
export async function furnish(
  store: Store,
  reach: { email: string; slack_user: string; slack_team?: string },
): Promise<void> {
  const created_at = new Date(0).toISOString();
  const slack = { slack_team_id: null, slack_user_id: null };
  await store.tx(function* (t) {
    yield* t.workspaces.insert({ id: WORKSPACE, name: 'Channels', settings: {}, created_at });
    yield* t.people.insert(WORKSPACE, {
      id: cleo.id,
      name: 'Cleo',
      role: 'admin',
      email: null,
      ...slack,
      created_at,
    });
    yield* t.people.insert(WORKSPACE, {
      id: 'mem_ben00001',
      name: 'Ben',
      role: 'reviewer',
      email: reach.email,
      ...slack,
      created_at,
    });
    yield* t.accounts.insert(WORKSPACE, {
      id: 'acc_ben00001',
      member_id: 'mem_ben00001',
      provider: 'slack',
      team: reach.slack_team ?? 'T1',
      user: reach.slack_user,
      linked_by: cleo.id,
      created_at,
    });
  });
}
