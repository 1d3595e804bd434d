/**
 * Two processes of a Countersign on one store, with a Slack that gives tokens: for what installations do without HTTP.
 * Left out: Slack itself (slack-teams.ts).
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach } from 'node:test';
import type { SlackInstallation } from '../../schemas/installation.ts';
import type { Begun } from '../../server/app/installations.ts';
import { personOf } from '../../server/app/keyring.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { ChannelError } from '../../server/core/channel-ports.ts';
import { isRefusal, type Refusal } from '../../server/core/commands.ts';
import type { Grant, SlackOAuth, Tokens } from '../../server/core/installations.ts';
import type { Store } from '../../server/core/ports.ts';
import type { MemberPrincipal } from '../../server/core/principal.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { cleo, WORKSPACE } from './kernel.ts';
import { manualClock, type ManualClock } from './manual-clock.ts';
import { type EngineName, newStore, SECRET } from './server.ts';

const OTHER = 'wsp_other0001';
/** The admin of another workspace. */
export const dora = personOf(
  OTHER,
  {
    id: 'mem_dora0001',
    name: 'Dora',
    role: 'admin',
    email: null,
    slack_team_id: null,
    slack_user_id: null,
    created_at: '',
  },
  'web',
  'session',
);
const never = () => new Promise<never>(() => {});
const ids = createIds();

type FakeOAuth = ReturnType<typeof fakeOAuth>;
export type InstallWorld = {
  store: Store;
  clock: ManualClock;
  oauth: FakeOAuth;
  logged: string[];
  /** Two processes on one store. */
  one: UseCases;
  two: UseCases;
  /** One more. */
  live(): UseCases;
  begin(who?: MemberPrincipal): Promise<Begun>;
  finish(begun: Begun, who?: MemberPrincipal, more?: object): Promise<SlackInstallation | Refusal>;
  install(team: string, who?: MemberPrincipal): Promise<SlackInstallation>;
  /** The token of a team, or why there is none. */
  speaks(process: UseCases, team: string): Promise<string>;
};

/** A Slack whose refresh tokens are good once, and whose answers can be held back. */
function fakeOAuth() {
  const good = new Set<string>();
  const held: (() => void)[] = [];
  const state = {
    team: 'T1',
    n: 0,
    expires_in_s: null as number | null,
    refreshes: 0,
    fail: null as ChannelError | null,
    hold: false,
    asked_scopes: [] as readonly string[],
    operators_team: null as string | null,
  };
  const tokens = (): Tokens => {
    const n = ++state.n;
    if (state.expires_in_s === null)
      return { token: `token-${state.team}`, refresh_token: null, expires_in_s: null };
    good.add(`refresh-${n}`);
    return { token: `token-${n}`, refresh_token: `refresh-${n}`, expires_in_s: state.expires_in_s };
  };
  const port: SlackOAuth = {
    authorizeUrl: (stated, extra) => {
      state.asked_scopes = extra;
      return `https://slack.test/?state=${stated}`;
    },
    exchange: async (code): Promise<Grant> => {
      if (code === 'used') throw new ChannelError('refused', 'Slack says invalid_code.');
      return {
        ...tokens(),
        enterprise_id: null,
        team_id: state.team,
        team_name: 'Team',
        bot_user_id: 'U0BOT',
        scopes: ['chat:write'],
      };
    },
    operatorsTeam: async () => state.operators_team,
    refresh: async (refresh_token) => {
      state.refreshes++;
      if (state.hold) await new Promise<void>((go) => held.push(go));
      if (state.fail) throw state.fail;
      if (!good.delete(refresh_token)) throw new ChannelError('refused', 'Slack says invalid_refresh_token.');
      return tokens();
    },
  };
  return { port, state, release: () => held.splice(0).forEach((go) => go()) };
}

/** Called in a describe: a store for all its tests, and a clock, a Slack and two processes for each. */
export function installWorld(engine: EngineName): InstallWorld {
  let drop: () => Promise<void>;
  const world = {} as InstallWorld;
  before(async () => {
    const made = await newStore(engine);
    drop = made.drop;
    world.store = await openStore(made.store);
    await furnish(world.store);
  });
  after(async () => {
    await world.store.close();
    await drop();
  });
  beforeEach(() => {
    world.clock = manualClock();
    world.oauth = fakeOAuth();
    world.logged = [];
    world.one = world.live();
    world.two = world.live();
  });
  const begin: InstallWorld['begin'] = async (who = cleo) => {
    const begun = await world.one.installations.begin(who);
    assert.ok(!isRefusal(begun));
    return begun;
  };
  const finish: InstallWorld['finish'] = (begun, who = cleo, more = {}) =>
    world.one.installations.finish(who, {
      state: new URL(begun.url).searchParams.get('state') ?? '',
      code: 'code',
      error: null,
      cookie: begun.cookie,
      ...more,
    });
  return Object.assign(world, {
    live: () => live(world),
    begin,
    finish,
    install: async (team: string, who: MemberPrincipal = cleo) => {
      world.oauth.state.team = team;
      const done = await finish(await begin(who), who);
      assert.ok(!isRefusal(done), JSON.stringify(done));
      return done;
    },
    speaks: async (process: UseCases, team: string) => {
      const speaker = await process.installations.places.speakerOf(team);
      return typeof speaker === 'string' ? speaker : speaker.token;
    },
  });
}

function live({ store, clock, oauth, logged }: InstallWorld): UseCases {
  const say = (fields: object, message: string) => void logged.push(JSON.stringify({ fields, message }));
  return createUseCases({
    store,
    clock,
    ids,
    log: { info: say, warn: say, error: say },
    sealer: createSealer(SECRET),
    responder: contextResponder,
    outbound: { issueOf: () => null, send: never },
    chance: () => 0.5,
    executor: null,
    public_url: 'http://installations.test',
    channels: { names: ['slack'], defaultOf: () => null, of: () => null, oauth: () => oauth.port },
  });
}

/** Two workspaces, each with an admin. */
async function furnish(store: Store): Promise<void> {
  const created_at = new Date(0).toISOString();
  const none = { email: null, slack_team_id: null, slack_user_id: null };
  await store.tx(function* (t) {
    for (const { id, name, workspace_id } of [{ ...cleo, workspace_id: WORKSPACE }, dora]) {
      yield* t.workspaces.insert({ id: workspace_id, name: workspace_id, settings: {}, created_at });
      yield* t.people.insert(workspace_id, { id, name, role: 'admin', ...none, created_at });
    }
  });
}
