/** The receiving half: one effect per key, in the effect's own transaction. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyReuseError, receiveOnce } from '../../client/receiver.ts';
import { openCards } from '../support/card-store.ts';

describe('a target that remembers its keys', () => {
  const once = { key: 'k1', fingerprint: 'POST /cards {"name":"Ads"}' };

  it('has the effect once, and gives the first answer again', async () => {
    const store = openCards();
    const create = () => receiveOnce(store, once, () => store.addCard('Ads'));
    const all = await Promise.all(Array.from({ length: 20 }, create));
    assert.equal(store.cards().length, 1);
    assert.deepEqual(new Set(all.map(({ answer }) => answer.card_id)), new Set(['card_1']));
    assert.equal(all.filter(({ replayed }) => !replayed).length, 1);
    store.close();
  });

  it('INVARIANT: the effect and its receipt are one commit', async () => {
    const store = openCards();
    const dying = { ...store, insert: () => Promise.reject(new Error('the process died')) };
    await assert.rejects(
      receiveOnce(dying, once, () => store.addCard('Ads')),
      /died/,
    );
    assert.equal(store.cards().length, 0, 'no receipt, no effect');
    await receiveOnce(store, once, () => store.addCard('Ads'));
    assert.equal(store.cards().length, 1);
    store.close();
  });

  it('frees the key when the effect fails, and refuses it for another request', async () => {
    const store = openCards();
    const failing = () => Promise.reject(new Error('no such user'));
    await assert.rejects(receiveOnce(store, once, failing), /no such user/);
    await receiveOnce(store, once, () => store.addCard('Ads'));
    const other = { ...once, fingerprint: 'POST /cards {"name":"Other"}' };
    await assert.rejects(
      receiveOnce(store, other, () => store.addCard('Other')),
      KeyReuseError,
    );
    await assert.rejects(
      receiveOnce(store, { ...once, key: '' }, () => store.addCard('x')),
      TypeError,
    );
    assert.equal(store.cards().length, 1);
    store.close();
  });
});
