/** The chain of one approval: any change to it is seen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { checkChain, FIRST_HASH, seal, type SealedEvent } from '../../server/core/audit.ts';
import { type Command, type Context, type Happened, isRefusal } from '../../server/core/commands.ts';
import { decide } from '../../server/core/decide.ts';
import { evolve } from '../../server/core/evolve.ts';
import { agent, ana, at, ben, pending, T0, WORKSPACE } from '../support/kernel.ts';

function chainOf(...commands: [Command, Context][]): SealedEvent[] {
  const first = pending();
  const asked = decide(null, { type: 'request', approval: first }, at(T0, agent));
  assert.ok(!isRefusal(asked));
  let state = first;
  const events: Happened[] = [asked];
  for (const [command, context] of commands) {
    const event = decide(state, command, context);
    assert.ok(!isRefusal(event));
    state = evolve(state, event);
    events.push(event);
  }
  let prev_hash = FIRST_HASH;
  return events.map((event, n) => {
    const place = {
      id: `evt_0000000${n}`,
      workspace_id: WORKSPACE,
      approval_id: first.id,
      sequence: n + 1,
      prev_hash,
    };
    const sealed = seal(event, place);
    prev_hash = sealed.hash;
    return sealed;
  });
}

const chain = chainOf(
  [{ type: 'ask', message_id: 'msg_00000001', content: 'Why?' }, at(T0 + 1, ana)],
  [{ type: 'answer', message_id: 'msg_00000002', content: 'May invoice' }, at(T0 + 2, agent)],
  [{ type: 'approve_with_edits', edits: { amount: 400 } }, at(T0 + 3, ben)],
);
const copy = () => structuredClone(chain);
const isValid = (rows: SealedEvent[]) => checkChain(rows).valid;

describe('the chain of an approval', () => {
  it('verifies as it was written', () => {
    assert.deepEqual(checkChain(chain), { valid: true, head: chain.at(-1)?.hash });
  });

  it('shows a change of any single character of any record', () => {
    fc.assert(
      fc.property(fc.nat(chain.length - 1), fc.nat(), fc.integer({ min: 1, max: 90 }), (n, where, by) => {
        const rows = copy();
        const row = rows[n];
        assert.ok(row);
        const at_ = where % row.record.length;
        const changed = String.fromCharCode(32 + ((row.record.charCodeAt(at_) - 32 + by) % 95));
        if (changed === row.record[at_]) return;
        row.record = row.record.slice(0, at_) + changed + row.record.slice(at_ + 1);
        assert.equal(isValid(rows), false);
      }),
      { numRuns: 500 },
    );
  });

  it('shows a removed, doubled, moved or foreign row, and a recomputed one', () => {
    for (let n = 0; n < chain.length - 1; n++)
      assert.equal(isValid(copy().toSpliced(n, 1)), false, `without ${n}`);
    assert.equal(isValid([...copy(), ...copy().slice(-1)]), false);
    assert.equal(isValid(copy().toReversed()), false);
    const rows = copy();
    const second = rows[1];
    assert.ok(second);
    const lie = seal({ ...JSON.parse(second.record), data: {} } as Happened, {
      ...second,
      prev_hash: second.prev_hash,
    });
    assert.equal(isValid(rows.with(1, lie)), false);
    assert.equal(isValid(rows.with(1, { ...second, prev_hash: FIRST_HASH })), false);
    assert.equal(
      isValid(copy().map((row) => ({ ...row, approval_id: 'apr_00000000000000000000000009' }))),
      false,
    );
  });

  it('names the first row that is wrong', () => {
    const rows = copy();
    const third = rows[2];
    assert.ok(third);
    third.record = third.record.replace('May', 'June');
    const check = checkChain(rows);
    assert.ok(!check.valid);
    assert.equal(check.sequence, 3);
  });
});
