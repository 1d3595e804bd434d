/**
 * Votes, quorum, groups, absences, passing on, roles and removals in any order, on both engines, against a model that
 * knows only who is what and who pressed what. What must hold is said by the model in its own words, not by the kernel's.
 */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Approval } from '../../schemas/approval.ts';
import type { Role } from '../../schemas/people.ts';
import type { Requirement } from '../../schemas/requirement.ts';
import { createUseCases, type UseCases } from '../../server/app/use-cases.ts';
import { checkChain } from '../../server/core/audit.ts';
import { NO_CHANNELS } from '../../server/core/channel-ports.ts';
import { type Command, type Happened, isRefusal } from '../../server/core/commands.ts';
import { evolve } from '../../server/core/evolve.ts';
import type { Store } from '../../server/core/ports.ts';
import type { AgentPrincipal, MemberPrincipal } from '../../server/core/principal.ts';
import { contextResponder } from '../../server/outbound/responder.ts';
import { openStore } from '../../server/store/index.ts';
import { createIds, createSealer } from '../../server/system.ts';
import { T0 } from '../support/kernel.ts';
import { changed } from '../support/second-admin.ts';
import {
  counting,
  isMet,
  isOpenIn,
  mayEver,
  type Model,
  ownRight,
  placeIn,
  SHAPES,
  standsFor,
  ways,
} from '../support/routing-model.ts';
import { ENGINES, newStore } from '../support/server.ts';

const quiet = { info: () => {}, warn: () => {}, error: () => {} };
const ids = createIds();
const RUNS = { sqlite: 60, postgres: 15 } as const;
/** Each step of escalation is due then. */
const STEP_MS = 120_000;
const LIFE_MS = 600_000;

/** Five people; the first is the admin who administers and never decides. */
const N = 5;

type Real = {
  store: Store;
  cases: UseCases;
  now: number;
  workspace_id: string;
  admin: MemberPrincipal;
  people: string[];
  groups: string[];
  approvals: string[];
};

async function world(store: Store): Promise<Real> {
  const workspace_id = ids.make('wsp', T0);
  const real = { store, now: T0, workspace_id, people: [], groups: [], approvals: [] } as unknown as Real;
  real.cases = createUseCases({
    store,
    clock: { now: () => real.now, timer: () => () => {} },
    ids,
    log: quiet,
    sealer: createSealer('model'),
    responder: contextResponder,
    outbound: { issueOf: () => null, send: () => Promise.reject(new Error('nothing is sent here')) },
    chance: () => 0.5,
    executor: null,
    public_url: 'http://model',
    channels: NO_CHANNELS,
  });
  const created_at = new Date(T0).toISOString();
  const blank = { email: null, slack_team_id: null, slack_user_id: null, created_at };
  const admin_id = ids.make('mem', T0);
  real.admin = personOf(real, admin_id, 'admin');
  await store.tx(function* (t) {
    yield* t.workspaces.insert({ id: workspace_id, name: 'Model', settings: {}, created_at });
    yield* t.people.insert(workspace_id, { ...blank, id: admin_id, name: 'Admin', role: 'admin' });
    for (let n = 0; n < N; n++) {
      const id = ids.make('mem', T0);
      real.people.push(id);
      yield* t.people.insert(workspace_id, { ...blank, id, name: `P${n}`, role: 'reviewer' });
    }
    for (const members of [real.people.slice(0, 2), real.people.slice(2, 4)]) {
      const id = ids.make('grp', T0);
      real.groups.push(id);
      yield* t.groups.insert(workspace_id, { id, name: id, member_ids: members, created_at });
    }
  });
  const made = await real.cases.agents.add(real.admin, { agent_id: 'bot', owner_id: null }, null);
  assert.ok(!isRefusal(made));
  return real;
}

function personOf(real: Real, id: string, role: Role): MemberPrincipal {
  const { workspace_id } = real;
  return { kind: 'member', workspace_id, id, name: id, role, via: 'web', assurance: 'session' };
}

function bot({ workspace_id }: Real): AgentPrincipal {
  return { kind: 'agent', workspace_id, id: 'key-bot', name: 'Bot', via: 'api', agent_id: 'bot' };
}

// Steps.

type Step = fc.AsyncCommand<Model, Real>;
const step = (name: string, run: (model: Model, real: Real) => Promise<void>): Step => ({
  check: () => true,
  run,
  toString: () => name,
});

/** The model's names of people and groups as the real ids. */
function real_id(real: Real, place: string): string {
  if (place === 'anyone') return place;
  const n = Number(place.slice(1));
  return (place.startsWith('g') ? real.groups[n] : real.people[n]) ?? '';
}

function realRequirement(real: Real, one: Requirement): Requirement {
  if (typeof one === 'string') return real_id(real, one);
  if ('any' in one) return { any: one.any.map((below) => realRequirement(real, below)) };
  if ('all' in one) return { all: one.all.map((below) => realRequirement(real, below)) };
  return { n: one.n, of: real_id(real, placeIn(one.of)) };
}

const create = (n: number): Step =>
  step(`ask ${n}`, async (model, real) => {
    const shape = SHAPES[n % SHAPES.length];
    if (!shape) return;
    const { assignees, quorum, requirement, escalates } = shape;
    const input = {
      action_type: 'a.b',
      action_summary: 'Do',
      params: {},
      agent_id: 'bot',
      expires_in_s: LIFE_MS / 1_000,
      assignees: assignees.map((place) => real_id(real, place)),
      quorum,
      ...(requirement === null ? {} : { requirement: realRequirement(real, requirement) }),
      ...(escalates ? { escalation: [{ after_s: STEP_MS / 1_000, to: [real_id(real, 'p3')] }] } : {}),
    };
    const made = await real.cases.approvals.request(bot(real), input, '{}', null);
    // Whether enough people are left is the kernel's to say here; what it lets in, the model follows.
    if (isRefusal(made)) return;
    const approval = JSON.parse(made.text) as Approval;
    real.approvals.push(approval.id);
    const named =
      requirement === null
        ? []
        : ways(requirement)
            .flat()
            .filter((place) => place !== 'anyone');
    const everybody =
      assignees.length === 0 && (requirement === null || ways(requirement).flat().includes('anyone'));
    model.fates.push({
      status: 'pending',
      requirement,
      quorum: approval.quorum,
      asked: everybody ? new Set() : new Set([...assignees, ...named]),
      pressed: [],
      hops: [],
      escalated: !escalates,
      ends: model.now + LIFE_MS,
    });
  });

function press(who: number, nth: number, command: 'approve' | 'deny'): Step {
  return step(`${command} by ${who} on ${nth}`, async (model, real) => {
    const at = nth % Math.max(1, model.fates.length);
    const fate = model.fates[at];
    const id = real.approvals[at];
    if (!fate || id === undefined) return;
    // The session's role is what it was: the kernel has to look for itself.
    const by = personOf(real, real.people[who] ?? '', 'reviewer');
    const done = await real.cases.approvals.act(by, id, { type: command });
    const open = isOpenIn(model, fate);
    if (fate.status === 'pending' && !open) fate.status = 'expired';
    const other = standsFor(model, fate, who);
    const may = open && (ownRight(model, fate, who) || other !== null);
    if (command === 'deny') {
      assert.equal(!isRefusal(done), may, `deny by ${who}`);
      if (may) fate.status = 'denied';
      return;
    }
    if (!may) {
      assert.ok(isRefusal(done), `approve by ${who} was let in`);
      return;
    }
    const again = fate.pressed.some((one) => one.who === who);
    if (!again) fate.pressed.push({ who, for: isRefusal(done) ? null : forWhom(real, done.approval, who) });
    const met = isMet(model, fate);
    if (met) fate.status = 'approved';
    assert.equal(!isRefusal(done), !again || met, `approve by ${who}`);
    if (!isRefusal(done)) assert.equal(done.approval.status, fate.status, `approve by ${who}`);
  });
}

/** Whom a vote says that it stands in for, as the model knows them. */
function forWhom(real: Real, { votes }: Approval, who: number): number | null {
  const stated = votes.find(({ approver_id }) => approver_id === real.people[who])?.in_place_of ?? null;
  return stated === null ? null : real.people.indexOf(stated);
}

function pass(who: number, to: number, nth: number): Step {
  return step(`${who} passes ${nth} to ${to}`, async (model, real) => {
    const at = nth % Math.max(1, model.fates.length);
    const fate = model.fates[at];
    const id = real.approvals[at];
    if (!fate || id === undefined) return;
    const by = personOf(real, real.people[who] ?? '', 'reviewer');
    const command: Command = { type: 'delegate', to: real.people[to] ?? '' };
    const done = await real.cases.approvals.act(by, id, command);
    const open = isOpenIn(model, fate);
    if (fate.status === 'pending' && !open) fate.status = 'expired';
    if (isRefusal(done)) return;
    const may = ownRight(model, fate, who) || standsFor(model, fate, who) !== null;
    assert.ok(open && may && mayEver(model, to) && who !== to, 'only who may, and to whom may on their own');
    assert.ok(fate.hops.length < 3 && !fate.hops.includes(to), 'three hops, and never back');
    const before = model.people.map((_, n) => ownRight(model, fate, n));
    if (fate.asked.size === 0) {
      if (fate.quorum === 1 && fate.requirement === null) fate.asked.add(`p${to}`);
    } else if (fate.asked.delete(`p${who}`) || (model.people[who]?.role === 'admin' && !before[to])) {
      fate.asked.add(`p${to}`);
    }
    const widened = model.people.flatMap((_, n) => (!before[n] && ownRight(model, fate, n) ? [n] : []));
    assert.ok(
      widened.every((n) => n === to),
      'nobody else gains a right by it',
    );
    assert.equal(done.approval.quorum, fate.quorum, 'and the quorum is what it was');
    fate.hops.push(who);
  });
}

function both(first: Step, second: Step): Step {
  return step(`${first.toString()}, ${second.toString()}`, async (model, real) => {
    await first.run(model, real);
    await second.run(model, real);
  });
}

function setRole(who: number, role: Role): Step {
  return step(`${who} becomes ${role}`, async (model, real) => {
    const done = await changed(real, real.cases.change_member(real.admin, real.people[who] ?? '', { role }));
    const person = model.people[who];
    assert.equal(!isRefusal(done), person?.role !== 'gone');
    if (person && person.role !== 'gone') person.role = role;
  });
}

function setGroup(n: number, members: number[]): Step {
  return step(`group ${n} is ${members.join()}`, async (model, real) => {
    const here = members.filter((who) => model.people[who]?.role !== 'gone');
    const member_ids = here.map((who) => real.people[who] ?? '');
    const change = real.cases.groups.change(real.admin, real.groups[n] ?? '', { member_ids });
    assert.ok(!isRefusal(await changed(real, change)));
    model.groups[n] = new Set(here);
  });
}

function remove(who: number): Step {
  return step(`${who} is removed`, async (model, real) => {
    const done = await real.cases.people.remove(real.admin, real.people[who] ?? '');
    const person = model.people[who];
    assert.equal(done === null, person?.role !== 'gone');
    if (!person) return;
    person.role = 'gone';
    person.substitute = null;
    for (const group of model.groups) group.delete(who);
  });
}

function absent(who: number, substitute: number | null): Step {
  return step(`${who} is away for ${substitute}`, async (model, real) => {
    const until = new Date(real.now + 86_400_000).toISOString();
    const away = substitute === null ? null : { until, substitute_id: real.people[substitute] ?? '' };
    const change = real.cases.change_member(real.admin, real.people[who] ?? '', { away });
    if (isRefusal(await changed(real, change))) return;
    const person = model.people[who];
    if (person) person.substitute = substitute;
  });
}

function own(who: number | null): Step {
  return step(`${who} owns the agent`, async (model, real) => {
    const owner_id = who === null ? null : (real.people[who] ?? '');
    const change = real.cases.agents.change(real.admin, 'bot', { owner_id });
    if (!isRefusal(await changed(real, change))) model.owner = who;
  });
}

function wait(ms: number): Step {
  return step(`wait ${ms}`, async (model, real) => {
    model.now += ms;
    real.now += ms;
    await real.cases.worker.runDue();
    for (const fate of model.fates) {
      if (fate.status === 'pending' && model.now >= fate.ends) fate.status = 'expired';
      // Whatever ran first, the step and the end are in the order of time.
      else if (fate.status === 'pending' && !fate.escalated && model.now >= fate.ends - LIFE_MS + STEP_MS) {
        fate.escalated = true;
        if (fate.asked.size > 0) fate.asked.add('p3');
      }
    }
  });
}

const who = fc.nat(N - 1);
const nth = fc.nat(2);
/** A denial ends an approval at once, so there are few of them. */
const choice = fc.oneof(
  { weight: 9, arbitrary: fc.constant('approve' as const) },
  { weight: 1, arbitrary: fc.constant('deny' as const) },
);
const presses = fc.tuple(who, nth, choice);
const commands = fc.commands(
  [
    fc.nat(SHAPES.length - 1).map(create),
    presses.map(([a, b, c]) => press(a, b, c)),
    presses.map(([a, b, c]) => press(a, b, c)),
    presses.map(([a, b, c]) => press(a, b, c)),
    presses.map(([a, b, c]) => press(a, b, c)),
    presses.map(([a, b, c]) => press(a, b, c)),
    fc.tuple(who, who, nth).map(([a, b, c]) => pass(a, b, c)),
    // There and back again, which must fail at the second.
    fc.tuple(who, who, nth).map(([a, b, c]) => both(pass(a, b, c), pass(b, a, c))),
    fc
      .tuple(who, fc.constantFrom<Role>('viewer', 'reviewer', 'reviewer', 'admin'))
      .map(([a, b]) => setRole(a, b)),
    fc.tuple(fc.nat(1), fc.subarray([0, 1, 2, 3, 4])).map(([a, b]) => setGroup(a, b)),
    fc.tuple(who, fc.option(who)).map(([a, b]) => absent(a, b)),
    fc.option(who).map(own),
    who.map(remove),
    fc.constantFrom(1_000, STEP_MS, LIFE_MS / 2).map(wait),
  ],
  { maxCommands: 60, size: 'max' },
);

/** The record is the truth, and what is open says what is missing as it is now. */
async function audit(model: Model, real: Real): Promise<void> {
  await real.cases.worker.runDue();
  for (const [n, id] of real.approvals.entries()) {
    const fate = model.fates[n];
    const stored = await real.store.read((t) => t.approvals.get(real.workspace_id, id));
    assert.ok(stored && fate);
    const { approval } = stored;
    if (fate.status === 'pending' && model.now >= fate.ends) fate.status = 'expired';
    assert.equal(approval.status, fate.status);
    const rows = await real.store.read((t) => t.events.ofApproval(id, 0, 1_000));
    assert.deepEqual(checkChain(rows), { valid: true, head: stored.head_hash });
    const folded = rows.reduce<Approval | null>(
      (state, { record }) => evolve(state, JSON.parse(record) as Happened),
      null,
    );
    assert.deepEqual(folded, approval);
    if (approval.status !== 'pending' || approval.waiting_for === null) continue;
    const counted = counting(model, fate).map((one) => real.people[one.who]);
    const said = approval.waiting_for.counted;
    assert.deepEqual(new Set(said), new Set(counted), 'what it says is what counts');
  }
}

for (const engine of ENGINES) {
  describe(`routing against its model on ${engine}`, async () => {
    const { store: where, drop } = await newStore(engine);
    const store = await openStore(where);
    after(async () => {
      await store.close();
      await drop();
    });

    it('agrees for any order of votes, denials, passing on, absences, roles, groups, owners, removals and time', async () => {
      await fc.assert(
        fc.asyncProperty(
          commands,
          fc.array(fc.nat(SHAPES.length - 1), { minLength: 2, maxLength: 3 }),
          async (list, asked) => {
            const model: Model = {
              people: Array.from({ length: N }, () => ({ role: 'reviewer' as const, substitute: null })),
              groups: [new Set([0, 1]), new Set([2, 3])],
              owner: null,
              fates: [],
              now: T0,
            };
            const real = await world(store);
            for (const shape of asked) await create(shape).run(model, real);
            await fc.asyncModelRun(() => ({ model, real }), list);
            await audit(model, real);
          },
        ),
        { numRuns: RUNS[engine] },
      );
    });
  });
}
