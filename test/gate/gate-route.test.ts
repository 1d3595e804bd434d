/** Finding the action of a call: every spelling that a router could take for the declared path, and nothing else. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { createFindAction } from '../../client/gate-route.ts';

const find = createFindAction([
  { method: 'POST', path: '/v1/users/:user_id/cards', action_type: 'cards.create' },
  { method: 'POST', path: '/v1/a.b+c', action_type: 'odd.name' },
  { method: 'GET', path: '/v1/secrets', action_type: 'secrets.read' },
]);

describe('a declared action', () => {
  it('is found in every spelling of its path', () => {
    const targets = [
      '/v1/users/alice/cards',
      '/v1/users/alice/cards/',
      '/v1/users/alice/cards?x=1',
      '/v1/users/alice/cards#x',
      '/V1/USERS/alice/Cards',
      '//v1/users//alice/cards',
      '\\v1\\users\\alice\\cards',
      '/v1/users/alice/%63ards',
      '/v1/users/alice/cards%20',
      '/v1/users/alice/cards/?a=/notes',
      'http://host/v1/users/alice/cards',
      'HTTP://user:pw@host:80/v1/users/alice/cards?x',
    ];
    for (const target of targets) {
      assert.deepEqual(find('POST', target)?.params, { user_id: 'alice' }, target);
    }
    assert.equal(find('HEAD', '/v1/secrets')?.action.action_type, 'secrets.read');
    assert.equal(find('POST', '/v1/a.b+c')?.action.action_type, 'odd.name');
  });

  it('is not found for another method or path', () => {
    for (const [method, target] of [
      ['GET', '/v1/users/alice/cards'],
      ['POST', '/v1/users/alice/cards/7'],
      ['POST', '/v1/users/cards'],
      ['POST', '/v1/users/alice/notes?x=/v1/users/alice/cards'],
      ['POST', '/v1/axb+c'],
      ['POST', '/'],
      ['POST', ''],
    ] as const) {
      assert.equal(find(method, target), null, `${method} ${target}`);
    }
  });

  it('is found by the fast way whenever the slow way would find it', () => {
    const name = fc.stringMatching(/^[\w.~!$&'()*+,;=:@-]{1,12}$/);
    const spelled = fc.constantFrom(
      'cards',
      'CARDS',
      'Cards',
      'cards/',
      'cards?',
      'cards?a=b',
      'cards/?a=b&c=%20',
    );
    fc.assert(
      fc.property(name, spelled, fc.boolean(), (user_id, last, escaped) => {
        // An escape takes the slow way; without one the fast way has to agree.
        const users = escaped ? 'user%73' : 'users';
        const found = find('POST', `/v1/${users}/${user_id}/${last}`);
        assert.deepEqual(found?.params, { user_id });
      }),
    );
  });
});
