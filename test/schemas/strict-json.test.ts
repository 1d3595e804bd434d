/** Strict JSON intake: what two parsers could read differently is refused with its place. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MAX_JSON_DEPTH, parseStrict } from '../../schemas/strict-json.ts';

const REFUSED: [text: string, location: string][] = [
  ['{"a":1,"a":2}', 'body/a'],
  ['{"a":{"b":1,"c":2,"b":3}}', 'body/a/b'],
  ['{"\\u0061":1,"a":2}', 'body/a'],
  ['{"n":9007199254740993}', 'body/n'],
  ['{"n":[1,-9007199254740992]}', 'body/n/1'],
  ['{"n":1e21}', 'body/n'],
  ['{"n":1e+21}', 'body/n'],
  ['{"n":9007199254740992}', 'body/n'],
  ['{"n":1e400}', 'body/n'],
  ['{"n":1e-400}', 'body/n'],
  ['{"n":-0}', 'body/n'],
  ['{"n":-0.0}', 'body/n'],
  ['{"n":0.12345678901234567891}', 'body/n'],
  ['{"s":"\\ud800"}', 'body/s'],
  ['{"s":"\\udc00\\ud800"}', 'body/s'],
  ['{"\\ud800":1}', 'body/\ud800'],
  ['{"a":{"__proto__":{"admin":true}}}', 'body/a/__proto__'],
  ['{"a":1}}', 'body'],
  ['{"a":1,}', 'body'],
  ['', 'body'],
  ['\ufeff{}', 'body'],
  ["{'a':1}", 'body'],
  [`${'['.repeat(MAX_JSON_DEPTH + 1)}${']'.repeat(MAX_JSON_DEPTH + 1)}`, 'body'],
];

describe('strict JSON', () => {
  for (const [text, location] of REFUSED) {
    it(`refuses ${JSON.stringify(text.slice(0, 50))} at ${JSON.stringify(location)}`, () => {
      const parsed = parseStrict(text);
      assert.ok(!parsed.ok, 'it was accepted');
      assert.equal(parsed.issue.location, location);
      assert.ok(parsed.issue.message.length > 5);
    });
  }

  it('accepts what JSON.parse gives back unchanged, with the same value', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const parsed = parseStrict(text);
        const suspicious = /__proto__|e[+-]?\d|-0|\d{16}|\\u/i.test(text);
        if (suspicious && !parsed.ok) return;
        assert.ok(parsed.ok, text);
        assert.deepEqual(parsed.value, JSON.parse(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('accepts exact numbers with exponents, escapes and deep texts within the limit', () => {
    for (const text of [
      '{"a":1.5e3}',
      '{"a":"\\u00e9\\ud83d\\ude00"}',
      '[0.1,1e15,123456789.125]',
      '{"a":9007199254740991}',
    ]) {
      assert.ok(parseStrict(text).ok, text);
    }
    const deep = `${'['.repeat(MAX_JSON_DEPTH)}${']'.repeat(MAX_JSON_DEPTH)}`;
    assert.ok(parseStrict(deep).ok);
  });

  it('never takes a text with a name given twice, wherever it stands', () => {
    fc.assert(
      fc.property(fc.string(), fc.jsonValue(), fc.jsonValue(), fc.nat(3), (name, a, b, depth) => {
        const pair = `{${JSON.stringify(name)}:${JSON.stringify(a)},${JSON.stringify(name)}:${JSON.stringify(b)}}`;
        assert.equal(parseStrict('[{"x":'.repeat(depth) + pair + '}]'.repeat(depth)).ok, false);
      }),
    );
  });

  it('gives each member of a compact text as it was received', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = JSON.stringify(value);
        const parsed = parseStrict(text);
        if (!parsed.ok) return;
        for (const name of Object.keys(value)) {
          const said = parsed.span(name);
          if (said !== undefined) assert.ok(text.includes(`${JSON.stringify(name)}:${said}`));
        }
      }),
    );
  });

  it('reports where each top-level member stands, byte for byte', () => {
    const text = '{ "x" : {"params":1} , "params" : {"a" : [1,  2.50], "b":"}"} ,"last":"\\"" }';
    const parsed = parseStrict(text);
    assert.ok(parsed.ok);
    const said = parsed.span;
    assert.equal(said('params'), '{"a" : [1,  2.50], "b":"}"}');
    assert.equal(said('x'), '{"params":1}');
    assert.equal(said('last'), '"\\""');
  });
});
