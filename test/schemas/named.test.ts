/** Named shapes in each other: which of them is checked first changes nothing. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Type } from 'typebox';
import { checkOf } from '../../schemas/validate.ts';

it('a named shape is a body of its own and a part of others, in any order', () => {
  const Part = Type.Object({ n: Type.Integer() }, { $id: 'PartOfATest' });
  const whole = checkOf(Type.Object({ one: Part, other: Part }, { $id: 'WholeOfATest' }));
  const part = checkOf(Part);
  assert.deepEqual(whole({ one: { n: 1 }, other: { n: 2 } }).ok, true);
  assert.deepEqual(part({ n: 1 }).ok, true);
  const wrong = whole({ one: { n: 1 }, other: { n: 'x' } });
  assert.deepEqual(wrong.ok ? [] : wrong.issues.map(({ location }) => location), ['body/other/n']);
});
