/** Verdicts, delegation, quorum and permission, one rule at a time. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DEFAULT_SETTINGS } from '../../schemas/settings.ts';
import { type Command, isRefusal, type Refusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import type { Principal } from '../../server/core/principal.ts';
import { newApproval } from '../../server/core/request.ts';
import { riskOf } from '../../server/core/risk.ts';
import {
  after,
  agent,
  ana,
  at,
  ben,
  cleo,
  member,
  pending,
  person,
  service,
  system,
  T0,
  viewer,
} from '../support/kernel.ts';

const T1 = T0 + 1_000;
const approve: Command = { type: 'approve' };

function refused(outcome: ReturnType<typeof decide>): Refusal {
  assert.ok(isRefusal(outcome), 'it was accepted');
  return outcome;
}

describe('who may decide', () => {
  const deciding: Command[] = [
    approve,
    { type: 'approve_with_edits', edits: { amount: 1 } },
    { type: 'deny' },
    { type: 'delegate', to: 'mem_ben' },
    { type: 'override', action: 'x' },
    { type: 'take_over' },
  ];
  for (const command of deciding) {
    for (const principal of [agent, service, system, viewer] as Principal[]) {
      it(`${principal.kind} ${principal.id} may not ${command.type}`, () => {
        assert.equal(refused(decide(pending(), command, at(T1, principal))).code, 'forbidden');
      });
    }
  }

  it('an agent key that carries a role still can not decide: the kind is asked first', () => {
    const disguised = { ...agent, role: 'admin' } as unknown as Principal;
    assert.equal(refused(decide(pending(), approve, at(T1, disguised))).code, 'forbidden');
  });

  it('nobody decides on their own request unless the workspace allows it', () => {
    const own = pending({}, ana);
    assert.equal(refused(decide(own, approve, at(T1, ana))).code, 'forbidden');
    const allowing = { ...DEFAULT_SETTINGS, allow_self_approval: true };
    const said_so = pending({}, ana, allowing);
    assert.ok(!isRefusal(decide(said_so, approve, at(T1, ana, { settings: allowing }))));
    assert.equal(refused(decide(said_so, approve, at(T1, ana))).code, 'forbidden', 'turned off since');
    const silent = decide(own, approve, at(T1, ana, { settings: allowing }));
    assert.equal(refused(silent).code, 'forbidden', 'turned on since: its card did not say so');
    assert.ok(!isRefusal(decide(own, approve, at(T1, ben))));
  });

  it('where there are assignees, only they and admins decide', () => {
    const assigned = pending({ assignees: [ben.id] });
    assert.equal(refused(decide(assigned, approve, at(T1, ana))).code, 'forbidden');
    assert.ok(!isRefusal(decide(assigned, approve, at(T1, ben))));
    assert.ok(!isRefusal(decide(assigned, approve, at(T1, cleo))));
  });

  it('approving needs the assurance of its risk; denying never does', () => {
    const critical = pending({ risk_level: 'critical' });
    const byLink = { ...ana, assurance: 'link' as const };
    const byKey = { ...ana, assurance: 'linked' as const };
    for (const weak of [byLink, byKey]) {
      assert.equal(refused(decide(critical, approve, at(T1, weak))).code, 'forbidden');
      assert.ok(!isRefusal(decide(critical, { type: 'deny' }, at(T1, weak))));
    }
    assert.ok(!isRefusal(decide(critical, approve, at(T1, ana))));
    assert.equal(refused(decide(pending({ risk_level: 'high' }), approve, at(T1, byLink))).code, 'forbidden');
    assert.ok(!isRefusal(decide(pending({ risk_level: 'medium' }), approve, at(T1, byLink))));
  });

  it('an agent cancels and answers only its own', () => {
    const stranger = { ...agent, id: 'key-other' };
    assert.equal(refused(decide(pending(), { type: 'cancel' }, at(T1, stranger))).code, 'forbidden');
    const say: Command = { type: 'answer', message_id: 'msg_00000001', content: 'x' };
    assert.equal(refused(decide(pending(), say, at(T1, stranger))).code, 'forbidden');
    assert.ok(!isRefusal(decide(pending(), say, at(T1, agent))));
  });
});

describe('conflicts', () => {
  it('a decision on an older version is refused and says which version was seen', () => {
    const asked = after(pending(), [{ type: 'ask', message_id: 'msg_00000001', content: '?' }, at(T1, ana)]);
    const no = refused(decide(asked, { type: 'approve', version: 1 }, at(T1, ben)));
    assert.equal(no.code, 'conflict');
    assert.equal(no.more?.['shown_version'], 1);
    assert.ok(!isRefusal(decide(asked, { type: 'approve', version: 2 }, at(T1, ben))));
  });

  it('the second decision is told who decided, when and how', () => {
    const done = after(pending(), [{ type: 'deny' }, at(T1, ana)]);
    const no = refused(decide(done, approve, at(T1 + 5, ben)));
    assert.equal(no.code, 'conflict');
    assert.equal(no.more?.['decided_by'], ana.name);
    assert.equal(no.more?.['via'], 'web');
    assert.equal(no.more?.['decided_at'], new Date(T1).toISOString());
  });

  it('exactly at its end an approval is expired, one millisecond before it is not', () => {
    const open = pending();
    const end = Date.parse(open.expires_at);
    assert.equal(refused(decide(open, approve, at(end, ana))).code, 'expired');
    assert.ok(!isRefusal(decide(open, approve, at(end - 1, ana))));
  });
});

describe('quorum', () => {
  const two = () => pending({ quorum: 2 });

  it('stays open until enough distinct people approved', () => {
    const once = after(two(), [approve, at(T1, ana)]);
    assert.equal(once.status, 'pending');
    assert.equal(refused(decide(once, approve, at(T1, ana))).code, 'conflict');
    assert.equal(after(once, [approve, at(T1, ben)]).status, 'approved');
  });

  it('the first denial ends it', () => {
    assert.equal(after(two(), [approve, at(T1, ana)], [{ type: 'deny' }, at(T1, ben)]).status, 'denied');
  });

  it('edits void earlier votes, and the others then approve the edited parameters', () => {
    const edits: Command = { type: 'approve_with_edits', edits: { amount: 300 } };
    const edited = after(two(), [approve, at(T1, ana)], [edits, at(T1, ben)]);
    assert.equal(edited.status, 'pending');
    assert.deepEqual(
      edited.votes.map((vote) => vote.approver_id),
      [ben.id],
    );
    const done = after(edited, [approve, at(T1, ana)]);
    assert.equal(done.status, 'approved_with_edits');
    assert.equal(done.decision?.modified_params?.['amount'], 300);
    assert.equal(done.votes.length, 2);
  });
});

describe('delegation', () => {
  const to = (id: string): Command => ({ type: 'delegate', to: id });

  it('passes the decision on and keeps it open', () => {
    const passed = after(pending(), [to(ben.id), at(T1, ana, { delegate: member(ben.id) })]);
    assert.equal(passed.status, 'pending');
    assert.equal(passed.delegated_to, ben.id);
    assert.deepEqual(passed.assignees, [ben.id]);
    assert.equal(refused(decide(passed, approve, at(T1, ana))).code, 'forbidden');
  });

  it('refuses strangers, viewers, oneself, loops, and a fourth hop', () => {
    const bad = (delegate: ReturnType<typeof member> | null, state = pending(), who = ana) =>
      refused(decide(state, to(delegate?.id ?? 'mem_nobody'), at(T1, who, { delegate }))).code;
    assert.equal(bad(null), 'invalid_input');
    assert.equal(bad(member(viewer.id, 'viewer')), 'invalid_input');
    assert.equal(bad(member(ana.id)), 'invalid_input');
    const passed = after(pending(), [to(ben.id), at(T1, ana, { delegate: member(ben.id) })]);
    assert.equal(bad(member(ana.id), passed, ben), 'invalid_input');
    const dora = person('mem_dora');
    const emil = person('mem_emil');
    const thrice = after(
      passed,
      [to(dora.id), at(T1, ben, { delegate: member(dora.id) })],
      [to(emil.id), at(T1, dora, { delegate: member(emil.id) })],
    );
    assert.equal(bad(member('mem_fred'), thrice, emil), 'conflict');
  });
});

describe('a new request', () => {
  const make = (input: Parameters<typeof newApproval>[0], principal: Principal = agent) =>
    newApproval(input, {
      id: 'apr_00000000000000000000000001',
      conversation_id: 'cnv_00000000000000000000000001',
      now_ms: T0,
      principal,
      settings: DEFAULT_SETTINGS,
      params_digest: '',
      url: '',
    });
  const plain = { action_type: 'cards.create', action_summary: 'Issue a card' };

  it('lives as long as its risk says', () => {
    const hours = { low: 168, medium: 24, high: 4, critical: 1 } as const;
    for (const [risk_level, life] of Object.entries(hours)) {
      const made = make({ ...plain, risk_level: risk_level as keyof typeof hours });
      assert.ok(!isRefusal(made));
      assert.equal(Date.parse(made.expires_at), T0 + life * 3_600_000);
    }
  });

  it('is medium risk where it states none, and never below the floor of its action type', () => {
    const settings = {
      ...DEFAULT_SETTINGS,
      risk_floor: { 'cards.*': 'high' as const, 'cards.view': 'low' as const },
    };
    assert.equal(riskOf(undefined, 'domains.purchase', settings), 'medium');
    assert.equal(riskOf('low', 'cards.create', settings), 'high');
    assert.equal(riskOf('critical', 'cards.create', settings), 'critical');
  });

  it('refuses a bound key that speaks for another agent', () => {
    const bound = { ...agent, agent_id: 'agt_a' };
    const no = make({ ...plain, agent_id: 'agt_b' }, bound);
    assert.ok(isRefusal(no));
    assert.equal(no.code, 'forbidden');
    const own = make(plain, bound);
    assert.ok(!isRefusal(own) && own.agent_id === 'agt_a');
  });

  it('refuses a request and params that disagree, and takes params from the request otherwise', () => {
    const request = {
      method: 'POST' as const,
      url: 'https://api.example.com/cards',
      body: { name: 'Ads', limit: 5 },
    };
    const no = make({ ...plain, request, params: { name: 'Ads', limit: 6 } });
    assert.ok(isRefusal(no));
    assert.equal(no.issues?.[0]?.location, 'body/params');
    const made = make({ ...plain, request });
    assert.ok(!isRefusal(made));
    assert.deepEqual(made.params, request.body);
  });

  it('refuses an end in the past, two ends, and a schema that reaches outside', () => {
    const places = (input: Parameters<typeof newApproval>[0]) => {
      const no = make(input);
      assert.ok(isRefusal(no));
      return no.issues?.map((issue) => issue.location);
    };
    assert.deepEqual(places({ ...plain, expires_at: new Date(T0).toISOString() }), ['body/expires_at']);
    assert.deepEqual(places({ ...plain, expires_at: new Date(T0 + 9e5).toISOString(), expires_in_s: 5 }), [
      'body/expires_at',
    ]);
    assert.deepEqual(
      places({ ...plain, escalation_schema: { properties: { a: { $ref: 'https://x.example/s' } } } }),
      ['body/escalation_schema/properties/a/$ref'],
    );
  });
});
