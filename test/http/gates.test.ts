/** Gates over HTTP, on both engines: defaults, words that are merged and taken back, and who may change them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Gates } from '../../schemas/gates.ts';
import { assertRefused, call } from '../support/call.ts';
import { ENGINES, type Running, startCountersign } from '../support/server.ts';

for (const engine of ENGINES) {
  describe(`gates on ${engine}`, () => {
    let server: Running;
    before(async () => {
      server = await startCountersign({ engine });
    });
    after(() => server.stop());

    test('gates: the table of defaults, and words that are merged and taken back', async () => {
      const { url, keys } = server;
      const put = (body: object) => call<Gates>(url, keys.personal, 'PUT', '/v1/gates', body);
      const first = (await call<Gates>(url, keys.service, 'GET', '/v1/gates')).body;
      assert.equal(first.defaults.length, 8);
      assert.deepEqual(first.defaults[0], {
        action_type: 'cards.create',
        title: 'Issue a virtual card',
        gate: 'required',
      });
      assert.deepEqual([first.primitives, first.action_types], [{}, {}]);
      await put({ primitives: { files: 'required', cards: 'not_required' } });
      const { body } = await put({
        primitives: { cards: null },
        action_types: { 'cards.topup': 'not_required' },
      });
      assert.deepEqual(
        [body.primitives, body.action_types],
        [{ files: 'required' }, { 'cards.topup': 'not_required' }],
      );
      assert.deepEqual((await call<Gates>(url, keys.agent, 'GET', '/v1/gates')).body, body);
      for (const wrong of [
        { primitives: { 'a.b': 'required' } },
        { action_types: { 'a b': 'required' } },
        { primitives: { a: true } },
      ])
        assertRefused(await put(wrong), 400, 'invalid_input');
    });
  });
}
