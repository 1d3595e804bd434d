/**
 * The x-ui vocabulary: what the published meta-schema accepts and refuses, and the one form that others are brought to.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { schemaIssues } from '../../schemas/escalation.ts';
import { normalForm } from '../../schemas/normal-form.ts';
import { foreignIssues } from '../../schemas/validate.ts';
import xUi from '../../schemas/x-ui.json' with { type: 'json' };

const places = (schema: Record<string, unknown>) => schemaIssues(schema, 'body').map((i) => i.location);
const deep = (hints: unknown) => ({
  properties: { a: { items: { properties: { b: { 'x-ui': hints } } } } },
});

describe('the x-ui vocabulary', () => {
  it('accepts what it does not know, at every depth', () => {
    assert.deepEqual(places(deep({ widget: 'hologram', sparkle: { any: ['thing'] } })), []);
  });

  it('refuses a known member of the wrong type, with its place', () => {
    const at = 'body/properties/a/items/properties/b/x-ui';
    const wrong: [hints: Record<string, unknown>, member: string][] = [
      [{ editable: 'yes' }, 'editable'],
      [{ tone: 'loud' }, 'tone'],
      [{ order: 'amount' }, 'order'],
      [{ href: 'javascript:alert(1)' }, 'href'],
      [{ href: 'http://plain.example/' }, 'href'],
      [{ scale: 0 }, 'scale'],
      [{ visibleWhen: { pointer: '/a', schema: { pattern: 'x' } } }, 'visibleWhen/schema/pattern'],
    ];
    for (const [hints, member] of wrong) {
      assert.ok(places(deep(hints)).includes(`${at}/${member}`), `${member}: ${places(deep(hints)).join()}`);
    }
  });

  it('keeps hints within their budgets', () => {
    const many = Object.fromEntries(Array.from({ length: 49 }, (_, n) => [`m${n}`, 1]));
    assert.equal(places(deep(many)).length, 1);
    assert.equal(places(deep({ label: 'x'.repeat(201) })).length, 1);
    assert.equal(places(deep({ ['n'.repeat(65)]: 1 })).length > 0, true);
    const sections = Array.from({ length: 31 }, () => ({ title: 'A', fields: [] }));
    assert.equal(places({ 'x-ui': { sections } }).length, 1);
  });

  it('takes a property that is called x-ui for a property', () => {
    assert.deepEqual(places({ properties: { 'x-ui': { type: 'string' } } }), []);
  });

  it('fits itself', () => {
    // It refers to the meta-schema it extends and is one itself, which agents' schemas may not; its parts are plain.
    assert.deepEqual(places({ $defs: xUi.$defs, $ref: '#/$defs/hints' }), []);
  });
});

describe('patterns of a foreign schema', () => {
  it('are each their own, however many schemas were compiled before', () => {
    const fits = (pattern: string, text: string) =>
      foreignIssues({ properties: { a: { pattern } } }, { a: text }, 'x');
    assert.equal(fits('^[A-Z]{3}$', 'eur').length, 1);
    assert.equal(fits('^[A-Z]{3}$', 'EUR').length, 0);
    assert.equal(fits('^[a-z]{3}$', 'eur').length, 0);
    assert.equal(fits('^[a-z]{3}$', 'EUR').length, 1);
  });
});

describe('what a schema may cost to compile', () => {
  const choices = (n: number, make: (i: number) => object) => ({
    properties: { c: { oneOf: Array.from({ length: n }, (_, i) => make(i)) } },
  });
  const country = (i: number) => ({ const: `c${i}`, title: `Country ${i}` });
  const shape = (i: number) => ({ properties: { a: { maxLength: i } } });

  it('takes all countries, and not as many shapes', () => {
    assert.deepEqual(schemaIssues(choices(249, country), 'body'), []);
    assert.deepEqual(schemaIssues(choices(100, shape), 'body'), []);
    for (const many of [choices(251, country), choices(101, shape)]) {
      assert.deepEqual(schemaIssues(many, 'body'), [
        { location: 'body', message: 'has too many choices in its oneOf' },
      ]);
    }
  });

  it('counts members, but for those of hints', () => {
    const fields = (n: number, inner: object) => ({
      properties: Object.fromEntries(Array.from({ length: n }, (_, i) => [`f${i}`, inner])),
    });
    const [issue] = schemaIssues(fields(480, { type: 'string', minLength: 1, maxLength: 9 }), 'body');
    assert.equal(issue?.message, 'has more than 1000 members');
    const hinted = { type: 'string', 'x-ui': { label: 'L', help: 'H', priority: 'muted' } };
    assert.deepEqual(schemaIssues(fields(200, hinted), 'body'), []);
  });
});

describe('the normal form', () => {
  it('translates ui:* inside a schema', () => {
    const form = normalForm({
      properties: {
        body: { type: 'string', 'ui:widget': 'textarea', 'ui:title': 'Text', 'ui:readonly': false },
        pin: { type: 'string', 'ui:options': { widget: 'password', help: 'Four digits' } },
        kind: { type: 'string', enum: ['a', 'b'], enumNames: ['Alpha', 'Beta'] },
      },
      'ui:order': ['body', '*'],
    });
    assert.deepEqual(form, {
      properties: {
        body: { type: 'string', 'x-ui': { widget: 'multiline', label: 'Text', editable: true } },
        pin: { type: 'string', 'x-ui': { sensitive: true, help: 'Four digits' } },
        kind: {
          type: 'string',
          enum: ['a', 'b'],
          oneOf: [
            { const: 'a', title: 'Alpha' },
            { const: 'b', title: 'Beta' },
          ],
        },
      },
      'x-ui': { order: ['body', '*'] },
    });
  });

  it('takes a uiSchema beside the schema, into lists too; x-ui wins', () => {
    const form = normalForm({
      schema: {
        properties: { rows: { items: { properties: { at: { 'x-ui': { label: 'When' } } } } } },
      },
      uiSchema: { rows: { items: { at: { 'ui:widget': 'alt-datetime', 'ui:title': 'At' } } } },
    });
    assert.deepEqual(form, {
      properties: {
        rows: { items: { properties: { at: { 'x-ui': { widget: 'datetime', label: 'When' } } } } },
      },
    });
  });

  it('takes an MCP elicitation: the message is the question, the fields may be edited', () => {
    const form = normalForm({
      message: 'Which room {/room}?',
      requestedSchema: { type: 'object', properties: { room: { type: 'string' } } },
    });
    assert.deepEqual(form['x-ui'], { question: 'Which room { /room}?', editable: true });
    assert.deepEqual(schemaIssues(form, 'body'), []);
  });

  it('INVARIANT: the normal form of a normal form is itself, and a hint that is `x-ui` already wins over a translated one', () => {
    const name = fc.constantFrom(
      'ui:widget',
      'ui:title',
      'ui:options',
      'x-ui',
      'properties',
      'items',
      'enum',
      'a',
    );
    const { node } = fc.letrec((tie) => ({
      node: fc.dictionary(
        name,
        fc.oneof({ maxDepth: 4 }, fc.constantFrom('textarea', 'password', true, 3, null), tie('node')),
      ),
    }));
    fc.assert(
      fc.property(node, (schema) => {
        const once = normalForm(schema);
        assert.deepEqual(normalForm(once), once);
        const stated = schema['x-ui'];
        if (typeof stated === 'object' && stated !== null)
          for (const [key, value] of Object.entries(stated))
            assert.deepEqual((once['x-ui'] as Record<string, unknown>)[key], value);
      }),
    );
  });

  it('refuses values with members called valueOf or toString where they have to be compared, and does not break', () => {
    for (const name of ['valueOf', 'toString'])
      for (const schema of [{ enum: [{ x: 1 }] }, { const: { x: 1 } }, { items: true, uniqueItems: true }]) {
        const value = 'items' in schema ? [{ [name]: null }, { [name]: null }] : { [name]: null };
        assert.equal(foreignIssues({ properties: { a: schema } }, { a: value }, 'edits').length, 1);
      }
  });
});
