/** The kernel's routing: who may decide and whose vote counts, passing on, escalation, and people who change. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Approval } from '../../schemas/approval.ts';
import type { Away } from '../../schemas/people.ts';
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import { type Command, type Context, isRefusal, type Refusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import type { Decider, Directory, Tie } from '../../server/core/eligibility.ts';
import { evolve } from '../../server/core/evolve.ts';
import { type MemberPrincipal, systemOf } from '../../server/core/principal.ts';
import { executionWindowOf } from '../../server/core/routes.ts';
import { after, agent, at, member, pending, person, system, T0, WORKSPACE } from '../support/kernel.ts';

const T1 = T0 + 1_000;
const ana = person('mem_ana');
const ben = person('mem_ben');
const cleo = person('mem_cleo', 'admin');
const dora = person('mem_dora');
const finn = person('mem_finn');
const approve = { type: 'approve' } as Command;

type World = { people?: MemberPrincipal[]; groups?: Record<string, string[]>; ties?: Record<string, Tie> };
type WorldOf = World & { away?: Record<string, Away> };

function directory({ people = [ana, ben, cleo, dora, finn], groups, ties, away }: WorldOf = {}): Directory {
  const deciders = people.map(({ id, name, role }): Decider => ({
    id,
    name,
    role,
    away: away?.[id] ?? null,
  }));
  return {
    deciders: new Map(deciders.map((one) => [one.id, one])),
    groups: new Map(
      Object.entries(groups ?? { grp_finance: ['mem_ana', 'mem_ben'], grp_legal: ['mem_dora'] }).map(
        ([id, ids]) => [
          id,
          { name: id.replace('grp_f', 'F').replace('grp_l', 'L'), member_ids: new Set(ids) },
        ],
      ),
    ),
    requesters: new Map(Object.entries(ties ?? {})),
  };
}
const by = (
  who: MemberPrincipal | typeof system,
  world: WorldOf = {},
  more: Partial<Context> = {},
): Context => at(T1, who, { directory: directory(world), ...more });

function refused(outcome: ReturnType<typeof decide>): Refusal {
  assert.ok(isRefusal(outcome), 'it was accepted');
  return outcome;
}
function accepted(state: Approval, outcome: ReturnType<typeof decide>): Approval {
  assert.ok(!isRefusal(outcome), isRefusal(outcome) ? outcome.detail : '');
  return evolve(state, outcome);
}
const said = (state: Approval, who: MemberPrincipal, world?: WorldOf, command = approve) =>
  accepted(state, decide(state, command, by(who, world)));

describe('who may decide', () => {
  it('a group that is asked: its members and admins, and nobody else', () => {
    const asked = pending({ assignees: ['grp_finance'] });
    assert.equal(said(asked, ana).status, 'approved');
    assert.equal(said(asked, cleo).status, 'approved');
    assert.equal(refused(decide(asked, approve, by(dora))).code, 'forbidden');
  });

  // openbao/openbao#3815: a group of the same name in another namespace could authorise.
  it('a group of the same name with another id authorises nobody', () => {
    const asked = pending({ assignees: ['grp_finance'] });
    const elsewhere = { groups: { grp_finance2: ['mem_finn'] } };
    assert.equal(refused(decide(asked, approve, by(finn, elsewhere))).code, 'forbidden');
  });

  // openbao/openbao#3814: members that were in a group by way of another were not recognised.
  it('a member of a group deep in a requirement is recognised, by way of whatever leads there', () => {
    const asked = pending({
      requirement: { all: [{ any: [{ all: ['grp_legal'] }] }, { n: 1, of: 'anyone' }] },
    });
    assert.equal(asked.quorum, 2);
    const first = said(asked, dora);
    assert.equal(first.status, 'pending');
    assert.equal(said(first, finn).status, 'approved');
  });

  // openbao/openbao#2241: the flag for authorising oneself was ignored.
  it('whoever asked, answers for the agent, or is acted for decides only where the flag was and is set', () => {
    const allowing = { ...DEFAULT_SETTINGS, allow_self_approval: true };
    const ties = { mem_ana: 'owner', mem_ben: 'acts_for' } as const;
    const kinds: Command[] = [
      approve,
      { type: 'approve_with_edits', edits: { amount: 1 } },
      { type: 'deny' },
      { type: 'delegate', to: 'mem_finn' },
      { type: 'override', action: 'x' },
      { type: 'take_over' },
    ];
    const own = pending({}, dora);
    for (const command of kinds) {
      for (const who of [ana, ben, dora]) {
        const no = refused(decide(own, command, by(who, { ties }, { delegate: member('mem_finn') })));
        assert.equal(no.code, 'forbidden', `${command.type} by ${who.id}`);
        const late = refused(decide(own, command, by(who, { ties }, { settings: allowing })));
        assert.equal(late.code, 'forbidden', 'set after the request: its cards do not say so');
      }
    }
    const open = pending({}, dora, allowing);
    for (const who of [ana, ben, dora]) {
      assert.equal(refused(decide(open, approve, by(who, { ties }))).code, 'forbidden', 'not set any more');
      assert.equal(
        accepted(open, decide(open, approve, by(who, { ties }, { settings: allowing }))).status,
        'approved',
      );
    }
  });

  it('whoever is no decider any more may not, whatever their session says', () => {
    assert.equal(refused(decide(pending(), approve, by(ana, { people: [ben] }))).code, 'forbidden');
  });

  it('an end user that is asked by name counts like anybody else for reaching a quorum', () => {
    const asked = pending({ assignees: ['user:42'], quorum: 2 });
    const one = said(asked, cleo);
    assert.deepEqual(one.waiting_for, { counted: ['mem_cleo'], needs: [{ n: 1, of: '' }], reachable: true });
  });
});

describe('votes', () => {
  it('of somebody who was removed or demoted meanwhile stay on the record and do not count', () => {
    const asked = pending({ quorum: 2 });
    const one = said(asked, ana);
    const two = said(one, ben, { people: [ben, cleo, dora] });
    assert.equal(two.status, 'pending', 'Ana has lost the right, so Ben is the first');
    assert.deepEqual(two.waiting_for?.counted, ['mem_ben']);
    const done = said(two, cleo, { people: [ben, cleo, dora] });
    assert.equal(done.status, 'approved');
    assert.deepEqual(
      done.votes.map(({ approver_id, counted }) => [approver_id, counted !== false]),
      [
        ['mem_ana', false],
        ['mem_ben', true],
        ['mem_cleo', true],
      ],
    );
  });

  it('of somebody who has the right again count again, and the next press completes it', () => {
    const one = said(pending({ quorum: 2 }), ana);
    const two = said(one, ben, { people: [ben, cleo] });
    const again = said(two, ben);
    assert.equal(again.status, 'approved', 'both count now');
    assert.equal(again.votes.length, 2);
    assert.equal(refused(decide(one, approve, by(ana))).code, 'conflict', 'twice is once');
  });

  it('a requirement waits for its group, and says so', () => {
    const asked = pending({ requirement: { all: ['grp_finance', { n: 1, of: 'anyone' }] } });
    const one = said(asked, finn);
    assert.deepEqual(one.waiting_for, {
      counted: ['mem_finn'],
      needs: [{ n: 1, of: 'Finance' }],
      reachable: true,
    });
    const two = said(one, dora);
    assert.equal(two.status, 'pending', 'two people, and none of Finance');
    assert.equal(said(two, ana).status, 'approved');
  });

  it('a group that is emptied later leaves it pending and says that nobody is left; the first denial still ends it', () => {
    const asked = pending({ requirement: 'grp_legal' });
    const emptied = { groups: { grp_legal: [] } };
    const stuck = accepted(asked, decide(asked, { type: 'reroute' }, by(system, emptied)));
    assert.deepEqual(stuck.waiting_for, { counted: [], needs: [{ n: 1, of: 'Legal' }], reachable: false });
    const voted = said(stuck, cleo, emptied);
    assert.equal(voted.status, 'pending', 'an admin who is not in it does not fill its place');
    assert.equal(said(voted, cleo, emptied, { type: 'deny' }).status, 'denied');
    const back = accepted(voted, decide(voted, { type: 'reroute' }, by(system)));
    assert.equal(back.waiting_for?.reachable, true);
    assert.equal(said(back, dora).status, 'approved');
  });

  it('a group that is gone altogether authorises nobody', () => {
    const asked = pending({ requirement: 'grp_legal' });
    assert.equal(refused(decide(asked, approve, by(dora, { groups: {} }))).code, 'forbidden');
  });
});

describe('a substitute', () => {
  const until = new Date(T0 + 3_600_000).toISOString();
  const away = { mem_dora: { until, substitute_id: 'mem_finn' } };
  const asked = pending({ requirement: { all: ['grp_legal', 'grp_finance'] } });

  it('decides in place of somebody who is away and was asked, and it is on the record', () => {
    const one = said(asked, finn, { away });
    assert.equal(one.votes[0]?.in_place_of, 'mem_dora');
    assert.equal(said(one, ana, { away }).status, 'approved');
    assert.equal(refused(decide(asked, approve, by(finn))).code, 'forbidden', 'Dora is here');
    const over = { mem_dora: { until: new Date(T1).toISOString(), substitute_id: 'mem_finn' } };
    assert.equal(refused(decide(asked, approve, by(finn, { away: over }))).code, 'forbidden');
  });

  it('needs the right to decide on their own, and is no way around four eyes', () => {
    const none = { away, people: [ana, ben, dora] };
    assert.equal(refused(decide(asked, approve, by(finn, none))).code, 'forbidden');
    const tied = { away, ties: { mem_dora: 'owner' } as const };
    assert.equal(refused(decide(asked, approve, by(finn, tied))).code, 'forbidden', 'Dora herself may not');
    const self = { away, ties: { mem_finn: 'acts_for' } as const };
    assert.equal(refused(decide(asked, approve, by(finn, self))).code, 'forbidden');
  });

  it('counts only while the absent one has not voted themselves, so that a place is filled once', () => {
    const twice = pending({ requirement: { n: 2, of: 'grp_legal' }, assignees: ['mem_dora'] });
    const one = said(twice, finn, { away });
    const both = said(one, dora, { away });
    assert.equal(both.status, 'pending');
    assert.deepEqual(both.waiting_for?.counted, ['mem_dora']);
  });
});

describe('passing on', () => {
  const to = (id: string): Command => ({ type: 'delegate', to: id });
  const pass = (state: Approval, who: MemberPrincipal, id: string, world?: WorldOf) =>
    decide(state, to(id), by(who, world, { delegate: member(id) }));

  it('gives a place of one’s own away; a member of a group can’t bring in others', () => {
    const named = pending({ assignees: ['mem_ana'] });
    const passed = accepted(named, pass(named, ana, 'mem_dora'));
    assert.deepEqual([passed.assignees, passed.delegated_to], [['mem_dora'], 'mem_dora']);
    assert.equal(refused(decide(passed, approve, by(ana))).code, 'forbidden');
    const group = pending({ assignees: ['grp_finance'] });
    assert.equal(refused(pass(group, ana, 'mem_dora')).code, 'invalid_input');
    const within = accepted(group, pass(group, ana, 'mem_ben'));
    assert.deepEqual([within.assignees, within.delegated_to], [['grp_finance'], 'mem_ben']);
    const byAdmin = accepted(group, pass(group, cleo, 'mem_dora'));
    assert.equal(said(byAdmin, dora).status, 'approved');
  });

  it('never lowers the quorum and never fills a place that the new one can’t fill', () => {
    const both = pending({ assignees: ['mem_ana', 'mem_ben'], quorum: 3 });
    const passed = accepted(both, pass(both, ana, 'mem_dora'));
    assert.equal(passed.quorum, 3);
    assert.equal(
      refused(pass(both, ana, 'mem_ben')).code,
      'invalid_input',
      'then two would be left for three',
    );
    const personal = pending({ requirement: 'mem_ana' });
    assert.equal(refused(pass(personal, ana, 'mem_dora')).code, 'invalid_input');
    const voted = said(pending({ assignees: ['mem_ana', 'mem_ben', 'mem_dora'], quorum: 2 }), ana);
    const after_vote = accepted(voted, pass(voted, ana, 'mem_finn'));
    assert.deepEqual(after_vote.waiting_for?.counted, [], 'who gave the place away has no vote left');
  });

  it('not to whom the request is too close, not back, and three times at most', () => {
    const named = pending({ assignees: ['mem_ana'] });
    const tied = { ties: { mem_dora: 'owner' } as const };
    assert.equal(refused(pass(named, ana, 'mem_dora', tied)).code, 'invalid_input');
    const one = accepted(named, pass(named, ana, 'mem_ben'));
    assert.equal(refused(pass(one, ben, 'mem_ana')).code, 'invalid_input');
    const two = accepted(one, pass(one, ben, 'mem_dora'));
    const three = accepted(two, pass(two, dora, 'mem_finn'));
    assert.equal(refused(pass(three, finn, 'mem_cleo')).code, 'conflict');
  });
});

describe('an escalation', () => {
  const asked = pending({ assignees: ['mem_ana'], escalation: [{ after_s: 60, to: ['grp_legal'] }] });

  it('asks the next ones when its time has come, keeps the earlier ones, and happens once', () => {
    const early = refused(decide(asked, { type: 'escalate', step: 0 }, by(system)));
    assert.equal(early.code, 'conflict');
    const due = { ...by(system), now_ms: T0 + 60_000 };
    const next = accepted(asked, decide(asked, { type: 'escalate', step: 0 }, due));
    assert.deepEqual(next.assignees, ['mem_ana', 'grp_legal']);
    assert.equal(next.escalation[0]?.done, true);
    assert.equal(refused(decide(next, { type: 'escalate', step: 0 }, due)).code, 'conflict');
    assert.equal(said(next, dora).status, 'approved');
    assert.equal(said(next, ana).status, 'approved');
    assert.equal(refused(decide(asked, { type: 'escalate', step: 0 }, by(ana))).code, 'forbidden');
  });

  it('leaves it to everybody where everybody was asked', () => {
    const all = pending({ escalation: [{ after_s: 60, to: ['mem_ana'] }] });
    const due = { ...by(system), now_ms: T0 + 60_000 };
    assert.deepEqual(accepted(all, decide(all, { type: 'escalate', step: 0 }, due)).assignees, []);
  });
});

describe('what a workspace asks for', () => {
  const settings = {
    ...DEFAULT_SETTINGS,
    quorum: { ...DEFAULT_SETTINGS.quorum, high: 2 },
    execution_window_by_risk: { critical: 600 },
    routes: [
      { action_type: 'domains.*', conflict_lock: true, resource_path: '/domain', execution_window_s: 300 },
      {
        action_type: 'payments.*',
        risk: ['high' as const],
        quorum: 3,
        requirement: 'grp_finance',
        escalation: [{ after_s: 120, to: ['grp_legal'] }],
      },
    ],
  };
  const asked = (more: Record<string, unknown>) => pending(more, agent, settings);

  it('holds whatever a request says, which may only ask for more', () => {
    const high = asked({ risk_level: 'high', quorum: 1, requirement: 'grp_legal' });
    assert.equal(high.quorum, 3);
    assert.deepEqual(high.requirement, { all: ['grp_finance', 'grp_legal'] });
    assert.deepEqual(high.assignees, ['grp_finance', 'grp_legal']);
    assert.equal(asked({ risk_level: 'high', action_type: 'other.thing' }).quorum, 2);
    assert.equal(asked({ risk_level: 'high', quorum: 5 }).quorum, 5);
    assert.equal(asked({ risk_level: 'low' }).quorum, 1);
    assert.equal(high.escalation.length, 1);
  });

  it('names the resource that is locked, or is refused', () => {
    const domain = asked({ action_type: 'domains.buy', params: { domain: 'a.example' } });
    assert.equal(domain.resource_key, 'domains.*\na.example');
    assert.throws(() => asked({ action_type: 'domains.buy', params: {} }), /params\/domain/);
    assert.equal(asked({}).resource_key, null);
  });

  it('says how long after the decision it may start, by risk and by route', () => {
    assert.equal(executionWindowOf(asked({ risk_level: 'critical' }), settings), 600);
    assert.equal(executionWindowOf(asked({ risk_level: 'low' }), settings), 86_400);
    assert.equal(
      executionWindowOf(asked({ action_type: 'domains.buy', params: { domain: 'x' } }), settings),
      300,
    );
  });
});

it('an approval that was stored before routing existed reads with its defaults', () => {
  const { requirement, escalation, resource_key, self_approval, waiting_for, ...old } = pending();
  assert.deepEqual(
    [requirement, escalation, resource_key, self_approval, waiting_for],
    [null, [], null, false, null],
  );
  const event = {
    type: 'approval.requested',
    data: { approval: old },
    at: old.created_at,
    actor: old.requested_by,
    via: 'api',
    assurance: null,
  } as unknown as Parameters<typeof evolve>[1];
  const read = evolve(null, event);
  assert.deepEqual(read, pending());
  assert.equal(after(read, [approve, by(ana)]).status, 'approved');
  assert.equal(systemOf(WORKSPACE).kind, 'system');
});
