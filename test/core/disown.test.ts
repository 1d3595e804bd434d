/** "This was not me" in the kernel: what has not run is stopped, what may have run is not called stopped, nobody disowns another's. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Approval, isOpen } from '../../schemas/approval.ts';
import { type Command, type Happened, isRefusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { evolve } from '../../server/core/evolve.ts';
import type { Principal } from '../../server/core/principal.ts';
import { after, agent, ana, at, ben, cleo, pending, service, system, T0, viewer } from '../support/kernel.ts';

const T1 = T0 + 1_000;
const RUNNABLE = {
  request: { method: 'POST' as const, url: 'http://127.0.0.1/pay', body: { amount: 500 } },
  params: { amount: 500 },
};
const said = (state: Approval, who: Principal) => decide(state, { type: 'disown' }, at(T1, who));

function disowned(state: Approval, who: Principal = ana): { event: Happened; next: Approval } {
  const event = said(state, who);
  assert.ok(!isRefusal(event), isRefusal(event) ? event.detail : '');
  return { event, next: evolve(state, event) };
}

describe('disowning a decision', () => {
  it('stops what has not run, whoever would run it, and says why', () => {
    for (const wanted of [RUNNABLE, { runner: 'asker' as const }]) {
      const { next } = disowned(after(pending(wanted), [{ type: 'approve' }, at(T1, ana)]));
      assert.deepEqual([next.status, next.execution?.state], ['failed', 'failed']);
      assert.match(next.execution?.error ?? '', /mem_ana says that this decision was not theirs/);
      assert.ok(isRefusal(decide(next, { type: 'start_execution' }, at(T1, system))), 'and it never runs');
    }
  });

  it('stops a run that was put off; one that may have run is left to a person', () => {
    const put = (may_have_run: boolean): Approval =>
      after(
        pending(RUNNABLE),
        [{ type: 'approve' }, at(T1, ana)],
        [{ type: 'start_execution' }, at(T1, system)],
        [{ type: 'defer_execution', error: 'busy', retry_at_ms: T1 + 5_000, may_have_run }, at(T1, system)],
      );
    assert.equal(disowned(put(false)).next.status, 'failed');
    assert.equal(disowned(put(true)).next.status, 'unknown');
  });

  it('leaves what runs, ran or was refused as it is, with the remark on the record', () => {
    const run = after(pending(RUNNABLE), [{ type: 'approve' }, at(T1, ana)]);
    const running = after(run, [{ type: 'start_execution' }, at(T1, system)]);
    const ran = after(running, [
      { type: 'finish_execution', outcome: 'executed', result: 1 },
      at(T1, system),
    ]);
    const denied = after(pending(), [{ type: 'deny' }, at(T1, ana)]);
    for (const state of [running, ran, denied]) {
      const { event, next } = disowned(state);
      assert.equal(event.type, 'approval.disowned');
      assert.deepEqual({ ...next, version: 0, updated_at: '' }, { ...state, version: 0, updated_at: '' });
    }
  });

  it('takes a vote back as long as others have to vote, and stops what a false vote completed', () => {
    const voted = after(pending({ ...RUNNABLE, quorum: 2 }), [{ type: 'approve' }, at(T1, ana)]);
    const { next } = disowned(voted);
    assert.deepEqual([next.status, next.votes], ['pending', []]);
    const whole = after(voted, [{ type: 'approve' }, at(T1, ben)]);
    assert.equal(whole.decision?.approver_id, ben.id);
    assert.equal(disowned(whole).next.status, 'failed');
  });

  it('is for members and their own decisions only, also when their role is gone', () => {
    const state = after(pending(RUNNABLE), [{ type: 'approve' }, at(T1, ana)]);
    for (const who of [agent, service, system]) {
      const no = said(state, who);
      assert.ok(isRefusal(no) && no.code === 'forbidden');
    }
    for (const who of [ben, cleo, viewer]) {
      const no = said(state, who);
      assert.ok(isRefusal(no) && no.code === 'conflict');
    }
    assert.equal(disowned(state, { ...ana, role: 'viewer' }).next.status, 'failed');
  });

  it('for any sequence of commands: it never opens, decides or runs anything, and ends no foreign vote', () => {
    const command = fc.constantFrom<Command>(
      { type: 'approve' },
      { type: 'deny' },
      { type: 'start_execution' },
      { type: 'finish_execution', outcome: 'executed', result: null },
      { type: 'defer_execution', error: 'busy', retry_at_ms: T1, may_have_run: false },
      { type: 'defer_execution', error: 'busy', retry_at_ms: T1, may_have_run: true },
      { type: 'lose_execution', error: 'reset' },
      { type: 'disown' },
      { type: 'disown' },
    );
    const who = fc.constantFrom<Principal>(ana, ben, cleo, system);
    const start = fc.constantFrom(pending(RUNNABLE), pending({ ...RUNNABLE, quorum: 2 }), pending());
    let seen = 0;
    fc.assert(
      fc.property(
        start,
        fc.array(fc.tuple(command, who), { minLength: 6, maxLength: 30 }),
        (first, steps) => {
          let state = first;
          for (const [given, principal] of steps) {
            const event = decide(state, given, at(T1, principal));
            if (isRefusal(event)) continue;
            const next = evolve(state, event);
            if (given.type === 'disown') {
              seen++;
              holdsFor(state, next, principal.id);
            }
            state = next;
          }
        },
      ),
      { numRuns: 2_000 },
    );
    assert.ok(seen > 500, `only ${seen} were accepted`);
  });
});

function holdsFor(before: Approval, next: Approval, by: string): void {
  assert.equal(next.version, before.version + 1);
  assert.deepEqual(next.decision, before.decision);
  assert.deepEqual(next.params, before.params);
  if (!isOpen(before.status)) assert.ok(!isOpen(next.status));
  assert.notEqual(next.execution?.state, 'ready', 'nothing is about to run any more');
  const foreign = (state: Approval) => state.votes.filter(({ approver_id }) => approver_id !== by);
  assert.deepEqual(foreign(next), foreign(before));
  if (before.execution?.state === 'running') assert.equal(next.execution?.state, 'running');
  if (before.execution?.may_have_run === true) assert.notEqual(next.status, 'failed');
}
