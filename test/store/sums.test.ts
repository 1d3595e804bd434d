import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Statement } from '../../server/core/ports.ts';
import { createSums } from '../../server/store/sums.ts';

const COUNTS = ['count (', ', ', ')'];
const OTHERS = ['other (', ', ', ')'];

function adding(strings: readonly string[], name: string, n: number): Statement {
  return { strings, values: [name, n], returns: false, adds: true };
}

describe('sums of a transaction', () => {
  it('INVARIANT: what is written is the sum of what was asked for; nothing gathered is kept beyond the transaction', () => {
    const sums = createSums();
    sums.gather(adding(COUNTS, 'pending', 1));
    sums.gather(adding(COUNTS, 'denied', 1));
    sums.gather(adding(COUNTS, 'pending', 2));
    sums.gather(adding(OTHERS, 'pending', -4));
    assert.deepEqual(
      sums.take().map(({ strings, values }) => [strings, ...values]),
      [
        [COUNTS, 'pending', 3],
        [COUNTS, 'denied', 1],
        [OTHERS, 'pending', -4],
      ],
    );
    assert.deepEqual(sums.take(), []);
  });

  it('leaves out a count that came to nothing', () => {
    const sums = createSums();
    sums.gather(adding(COUNTS, 'pending', 1));
    sums.gather(adding(COUNTS, 'pending', -1));
    assert.deepEqual(sums.take(), []);
  });

  it('keeps names apart that would read the same side by side', () => {
    const three = ['count (', ', ', ', ', ')'];
    const sums = createSums();
    sums.gather({ strings: three, values: ['a', 'bc', 1], returns: false, adds: true });
    sums.gather({ strings: three, values: ['ab', 'c', 1], returns: false, adds: true });
    assert.equal(sums.take().length, 2);
  });
});
