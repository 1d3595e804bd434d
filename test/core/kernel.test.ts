/** The kernel: every status by every command, and what must hold for any sequence of commands. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Approval, isOpen, type Status, STATUSES } from '../../schemas/approval.ts';
import {
  type Command,
  COMMAND_TYPES,
  type CommandType,
  type Happened,
  isRefusal,
} from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { evolve } from '../../server/core/evolve.ts';
import { GRANTS } from '../../server/core/permission.ts';
import { policyOf, type Principal } from '../../server/core/principal.ts';
import { isPossible, TRANSITIONS } from '../../server/core/transitions.ts';
import {
  agent,
  ana,
  at,
  ben,
  cleo,
  inStatus,
  member,
  pending,
  service,
  system,
  T0,
  viewer,
  WORKSPACE,
} from '../support/kernel.ts';

const T2 = T0 + 2_000;

function sample(type: CommandType): Command {
  switch (type) {
    case 'request':
      return { type, approval: pending() };
    case 'approve_with_edits':
      return { type, edits: { amount: 450 } };
    case 'delegate':
      return { type, to: 'mem_ben' };
    case 'override':
      return { type, action: 'Do less' };
    case 'ask':
    case 'answer':
      return { type, message_id: 'msg_00000002', content: 'Because' };
    case 'answer_from_context': {
      const by = { kind: 'system' as const, id: 'context', name: 'Context' };
      return { type, message_id: 'msg_00000003', content: 'Cost: 1', in_reply_to: 'msg_00000001', by };
    }
    case 'finish_execution':
      return { type, outcome: 'executed', result: null };
    case 'defer_execution':
      return { type, error: 'busy', retry_at_ms: T0, may_have_run: false };
    case 'lose_execution':
      return { type, error: 'reset' };
    case 'settle':
      return { type, outcome: 'executed', note: 'seen on the statement' };
    case 'answer_by_policy':
      return { type, effect: 'approve', explanation: 'approved by rule “x” because it fits' };
    case 'approve':
    case 'deny':
    case 'take_over':
    case 'cancel':
    case 'expire':
    case 'start_execution':
    case 'disown':
      return { type };
    default:
      return type satisfies never;
  }
}

/** Somebody who may give the command, so that only the status stands in the way. */
function giver(type: CommandType): Principal {
  if (type === 'answer_by_policy') return policyOf(WORKSPACE, 'auto:rule:rul_1', 'rule “x”');
  const [kind] = GRANTS[type].kinds;
  return kind === 'agent' ? agent : kind === 'system' ? system : ana;
}

describe('every status by every command', () => {
  for (const status of STATUSES) {
    for (const type of COMMAND_TYPES) {
      const allowed = isPossible(status, type);
      it(`${type} on ${status} is ${allowed ? 'possible' : 'a conflict'}`, () => {
        const state = inStatus(status);
        const late = type === 'expire' ? T0 + 7_200_000 : T2;
        const outcome = decide(state, sample(type), at(late, giver(type), { delegate: member('mem_ben') }));
        if (!allowed) {
          assert.ok(isRefusal(outcome));
          assert.equal(
            outcome.code,
            status === 'expired' && type !== 'request' && type !== 'expire' ? 'expired' : 'conflict',
          );
          return;
        }
        // Possible by status; runs also need something that is running.
        const ends = ['finish_execution', 'defer_execution', 'lose_execution'];
        const idle = ends.includes(type) && state.execution?.state !== 'running';
        const nothing = type === 'start_execution' && !state.execution;
        // A remark on the record needs something of one's own to remark on.
        const foreign = type === 'disown' && !state.decision;
        if (idle || nothing || foreign) assert.ok(isRefusal(outcome));
        else {
          assert.ok(!isRefusal(outcome), isRefusal(outcome) ? outcome.detail : '');
          assert.equal(evolve(state, outcome).version, state.version + 1);
        }
      });
    }
  }

  it('every status but the final ones leads somewhere, and the table names each status once', () => {
    assert.deepEqual(Object.keys(TRANSITIONS).toSorted(), [...STATUSES].toSorted());
  });
});

type Step = { command: Command; principal: Principal; wait_ms: number };

const principals = fc.constantFrom<Principal>(agent, service, ana, ben, cleo, viewer, system);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    command: fc.oneof(
      fc.constantFrom(...COMMAND_TYPES.filter((type) => type !== 'request')).map(sample),
      fc.record({ type: fc.constant('approve' as const), version: fc.integer({ min: 1, max: 6 }) }),
      fc.record({
        type: fc.constant('approve_with_edits' as const),
        edits: fc.dictionary(fc.string(), fc.jsonValue()),
      }),
    ),
    principal: principals,
    wait_ms: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 0, max: 60_000 }) }, fc.constant(3_600_000)),
  }),
  { maxLength: 25 },
);
const start = fc
  .record({ quorum: fc.integer({ min: 1, max: 3 }), runnable: fc.boolean() })
  .map(({ quorum, runnable }) =>
    pending({
      quorum,
      ...(runnable
        ? {
            request: { method: 'POST', url: 'http://127.0.0.1/x', body: { amount: 500 } },
            params: { amount: 500 },
          }
        : {}),
    }),
  );

/** Runs steps and hands every accepted one to `look`. */
function play(
  first: Approval,
  list: readonly Step[],
  look: (before: Approval, event: Happened, next: Approval, now: number) => void,
): Approval {
  let state = first;
  let now = T0;
  for (const { command, principal, wait_ms } of list) {
    now += wait_ms;
    const event = decide(state, command, at(now, principal, { delegate: member('mem_ben') }));
    if (isRefusal(event)) continue;
    const next = evolve(state, event);
    look(state, event, next, now);
    state = next;
  }
  return state;
}

/** Some 90,000 commands in all. */
const RUNS = { numRuns: 1_000 };

describe('for any sequence of commands', () => {
  it('the version grows by exactly one with each accepted command', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        play(first, list, (before, _event, next) => assert.equal(next.version, before.version + 1));
      }),
      RUNS,
    );
  });

  it('what is decided never becomes open again, and final statuses absorb', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        play(first, list, (before, event, next) => {
          if (!isOpen(before.status)) assert.ok(!isOpen(next.status));
          if (TRANSITIONS[before.status].length > 0) return;
          assert.equal(event.type, 'approval.disowned', `${before.status} took a command`);
          assert.equal(next.status, before.status);
        });
      }),
      RUNS,
    );
  });

  it('an expired approval is never approved, whatever the timers did', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        play(first, list, (before, event, _next, now) => {
          if (Date.parse(before.expires_at) > now || !isOpen(before.status)) return;
          assert.equal(event.type, 'approval.expired');
        });
      }),
      RUNS,
    );
  });

  it('a decision is made once, by a person who may decide, and never by a key', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        let decisions = 0;
        play(first, list, (before, event, next) => {
          if (before.decision === next.decision) return;
          decisions++;
          assert.equal(event.actor.kind, 'member');
          assert.notEqual(event.actor.id, viewer.id);
        });
        assert.ok(decisions <= 1);
      }),
      RUNS,
    );
  });

  it('approval takes as many distinct people as the quorum says, all for the same parameters', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        const last = play(first, list, () => {});
        if (last.decision?.kind !== 'approve' && last.decision?.kind !== 'approve_with_edits') return;
        assert.ok(last.votes.length >= first.quorum);
        assert.equal(new Set(last.votes.map((vote) => vote.approver_id)).size, last.votes.length);
        assert.equal(new Set(last.votes.map((vote) => JSON.stringify(vote.modified_params))).size, 1);
      }),
      RUNS,
    );
  });

  it('talk is inert: it changes no parameters, digest, votes, quorum or deadline', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        play(first, list, (before, event, next) => {
          if (
            !['approval.question_asked', 'approval.context_answered', 'approval.answered'].includes(
              event.type,
            )
          )
            return;
          for (const field of [
            'params',
            'params_digest',
            'votes',
            'quorum',
            'expires_at',
            'assignees',
            'decision',
          ] as const) {
            assert.deepEqual(next[field], before[field]);
          }
        });
      }),
      RUNS,
    );
  });

  it('nothing runs that was not approved, and what may have run is not run again by itself', () => {
    fc.assert(
      fc.property(start, steps, (first, list) => {
        play(first, list, (before, event) => {
          if (event.type !== 'approval.execution_started') return;
          const approved: Status[] = ['approved', 'approved_with_edits'];
          assert.ok(approved.includes(before.status));
          assert.ok(before.decision);
        });
      }),
      RUNS,
    );
  });
});
