/**
 * What a card calls open, beside the kernel's table: the card has no need of the commands that a machine gives.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isOpen } from '../../server/core/card-status.ts';
import { TRANSITIONS } from '../../server/core/transitions.ts';
import { STATUSES } from '../../schemas/approval.ts';

it('a card is open where the kernel takes decisions, and each that it can offer', () => {
  const offered = [
    'approve',
    'deny',
    'delegate',
    'override',
    'take_over',
    'ask',
    'cancel',
    'expire',
  ] as const;
  for (const status of STATUSES) {
    for (const command of offered)
      assert.equal(TRANSITIONS[status].includes(command), isOpen(status), `${status} ${command}`);
  }
});
