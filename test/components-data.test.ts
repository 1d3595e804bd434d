/**
 * What editors and React read about the elements, held against their sources: nothing in it is only a promise.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ELEMENTS, manifest, TOKENS } from '../components/elements.ts';
import { approvalComponents } from '../components/react.ts';

const FOLDER = new URL('../components/', import.meta.url);
const source = (file: string): string => readFileSync(new URL(file, FOLDER), 'utf8');
const all = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts') && file !== 'elements.ts')
  .map(source)
  .join('\n');

/** The declarations of `static properties`, without internal state. */
function declared(file: string): Map<string, string | null> {
  const block = /static override properties[^=]*= \{\n([\s\S]*?)\n {2}\};/.exec(source(file))?.[1] ?? '';
  return new Map(
    [...block.matchAll(/^ {4}(\w+): \{(.*)\},$/gm)]
      .filter(([, name]) => !name?.startsWith('_'))
      .map(([, name = '', rest = '']) => {
        const stated = /attribute: (?:'([\w-]+)'|false)/.exec(rest);
        return [name, stated ? (stated[1] ?? null) : name.toLowerCase()];
      }),
  );
}

describe('the data about the elements', () => {
  for (const { tag, properties, parts, slots, events } of ELEMENTS) {
    it(`${tag}: properties and attributes are those it declares`, () => {
      const real = new Map([...declared(`${tag}.ts`), ...declared('approval-element.ts')]);
      const told = new Map(properties.map(({ name, attribute }) => [name, attribute ?? null]));
      assert.deepEqual(Object.fromEntries(told), Object.fromEntries(real));
    });

    it(`${tag}: parts, slots and events exist`, () => {
      for (const { name } of parts) assert.match(all, new RegExp(`part="${name}"`), name);
      for (const { name } of slots.filter(({ name: slot }) => !slot.startsWith('field:')))
        assert.match(all, new RegExp(`<slot name="${name}"`), name);
      for (const { name } of events) assert.match(all, new RegExp(`super\\('${name}'`), name);
    });
  }

  it('the tokens are those that the styles read', () => {
    const read = new Set([...all.matchAll(/var\((--ha-[\w-]+)/g)].map(([, name]) => name));
    assert.deepEqual(new Set(TOKENS), read);
  });

  it('custom-elements.json names both tags', () => {
    assert.match(
      JSON.stringify(manifest()),
      /"tagName":"human-approval-view".*"tagName":"human-approval-inbox"/,
    );
  });

  it('the React components set properties, hear events, and pass the rest on', () => {
    const effects: (() => void | (() => void))[] = [];
    const heard = new Map<string, unknown>();
    const element = { addEventListener: (name: string, on: unknown) => heard.set(name, on) };
    const { HumanApprovalView } = approvalComponents({
      createElement: (tag, props) => ({ tag, props }),
      useRef: () => ({ current: element as unknown as HTMLElement }),
      useLayoutEffect: (effect) => void effects.push(effect),
    });
    const onApprovalDecided = (): void => undefined;
    const drawn = HumanApprovalView({ approvalId: 'apr_1', className: 'wide', onApprovalDecided });
    for (const effect of effects) effect();
    assert.equal(Reflect.get(element, 'approvalId'), 'apr_1');
    assert.equal(heard.get('approval-decided'), onApprovalDecided);
    assert.deepEqual(Object.keys((drawn as { props: object }).props), ['className', 'ref']);
  });
});
