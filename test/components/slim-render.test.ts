/**
 * The renderer of the self-contained builds beside Lit's: the same templates, drawn and drawn again through both.
 *
 * INVARIANT: a value becomes text, an attribute or a property, and never markup; an element stays the same one as long
 * as its template does.
 */
import { expect } from '@open-wc/testing';
import * as lit from 'lit/html.js';
import { guard as litGuard } from 'lit/directives/guard.js';
import { repeat as litRepeat } from 'lit/directives/repeat.js';
import { guard, repeat } from '../../components/slim-directives.ts';
import { html as slimHtml, nothing } from '../../components/slim-html.ts';
import { draw, type Place } from '../../components/slim-render.ts';

type Html = (strings: TemplateStringsArray, ...values: unknown[]) => unknown;
type Step = {
  html: Html;
  repeat: (items: number[], key: (n: number) => unknown, make: (n: number) => unknown) => unknown;
  guard: (values: unknown[], make: () => unknown) => unknown;
};
const SLIM = { html: slimHtml, repeat, guard } as unknown as Step;
const LIT = { html: lit.html, repeat: litRepeat, guard: litGuard } as unknown as Step;

const places = new WeakMap<Node, Place>();

function render(value: unknown, root: Node): void {
  const place = places.get(root) ?? { parent: root, begin: null, end: null };
  places.set(root, place);
  draw(place, value);
}

/** Numbers that look like chance and are the same in every run. */
function chance(seed: number): (below: number) => number {
  let at = seed;
  return (below) => {
    at = (at * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor(at / 65_536) % below;
  };
}

/** Any value that a template of ours may hold, by chance. */
function valueOf(
  { html, repeat: listed, guard: kept }: Step,
  next: (below: number) => number,
  depth: number,
): unknown {
  const inner = (): unknown => valueOf({ html, repeat: listed, guard: kept }, next, depth + 1);
  const plain = [nothing, null, undefined, '', 'text', '<b>no markup</b>', 0, 7, true, '⌖'];
  switch (depth > 2 ? 0 : next(9)) {
    case 1:
      return html`<p class="a ${plain[4 + next(5)]} ${next(3)}" title=${plain[next(9)]}>${inner()}</p>`;
    case 2:
      return html`${inner()}${inner()}`;
    case 3:
      return html`before ${inner()} between ${inner()}<i>fixed</i>${inner()} after`;
    case 4:
      return Array.from({ length: next(4) }, inner);
    case 5:
      return html`<ul>
        ${Array.from({ length: next(4) }, (_, n) => html`<li>${n}${inner()}</li>`)}
      </ul>`;
    case 6:
      return html`<input ?disabled=${next(2) === 0} .value=${String(next(3))} /><b>${inner()}</b>`;
    case 7: {
      const all = [1, 2, 3, 4, 5, 6].toSorted(() => next(3) - 1).slice(0, next(7));
      const insides = new Map(all.map((n) => [n, inner()]));
      const row = (n: number): unknown => html`<li id=${n}>${insides.get(n)}</li>`;
      return html`<ol>
        ${listed(all, (n) => n, row)}
      </ol>`;
    }
    case 8:
      return html`<svg><rect width=${next(4)}></rect></svg>${kept([next(2)], () => html`<em>kept</em>`)}`;
    default:
      return plain[next(plain.length)];
  }
}

/** What is there to see: elements, attributes and texts, without comments and without where one text ends. */
function seen(root: Element): string {
  const inputs = [...root.querySelectorAll('input')].map(
    ({ value, disabled }) => `${value} ${String(disabled)}`,
  );
  return `${root.innerHTML.replace(/<!--.*?-->/g, '')} ${inputs.join()}`;
}

const newRoot = (): HTMLElement => document.createElement('div');
/** Attributes in one order: Lit leaves the ones with values where they stood. */
const sorted = (markup: string): string =>
  markup.replace(
    /<(\w+)((?: [\w-]+="[^"]*")+)>/g,
    (_, tag: string, all: string) => `<${tag} ${(all.match(/[\w-]+="[^"]*"/g) ?? []).toSorted().join(' ')}>`,
  );

describe('the renderer of the self-contained builds', () => {
  it('draws what Lit draws, whatever comes after whatever', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const [ours, theirs] = [newRoot(), newRoot()];
      const [a, b] = [chance(seed), chance(seed)];
      for (let n = 0; n < 12; n++) {
        render(valueOf(SLIM, a, 0), ours);
        lit.render(valueOf(LIT, b, 0), theirs);
        expect(sorted(seen(ours)), `seed ${seed}, step ${n}`).to.equal(sorted(seen(theirs)));
      }
    }
  });

  it('keeps elements while their template stays, and what was typed into them', () => {
    const root = newRoot();
    const redraw = (label: string, rows: string[]): void =>
      render(
        slimHtml`<label title=${label}>${label}<input /></label>${rows.map((row) => slimHtml`<p>${row}</p>`)}`,
        root,
      );
    redraw('One', ['a']);
    const [input, row] = [root.querySelector('input'), root.querySelector('p')];
    if (input) input.value = 'typed';
    redraw('Two', ['b', 'c']);
    expect(root.textContent).to.equal('Twobc');
    expect(root.querySelector('input')).to.equal(input);
    expect(root.querySelector('p')).to.equal(row);
    expect(input?.value).to.equal('typed');
  });

  it('keeps the elements of a row wherever its key goes', () => {
    const root = newRoot();
    const redraw = (all: readonly string[]): void =>
      render(
        slimHtml`<ul>${repeat(
          all,
          (key) => key,
          (key) => slimHtml`<li id=${key}></li>`,
        )}</ul>`,
        root,
      );
    redraw(['a', 'b', 'c']);
    const before = new Map([...root.querySelectorAll('li')].map((row) => [row.id, row]));
    redraw(['d', 'c', 'a']);
    const after = [...root.querySelectorAll('li')];
    expect(after.map(({ id }) => id)).to.deep.equal(['d', 'c', 'a']);
    expect(after[1]).to.equal(before.get('c'));
    expect(after[2]).to.equal(before.get('a'));
  });

  it('hears with the function of the last drawing', () => {
    const root = newRoot();
    const heard: string[] = [];
    const redraw = (word: string): void =>
      render(slimHtml`<button @click=${() => heard.push(word)}>${word}</button>`, root);
    redraw('one');
    redraw('two');
    root.querySelector('button')?.click();
    expect(heard).to.deep.equal(['two']);
  });

  it('takes a node of the host as it is', () => {
    const root = newRoot();
    const own = document.createElement('mark');
    render(slimHtml`<p>${own}</p>`, root);
    expect(root.querySelector('p')?.firstElementChild).to.equal(own);
    render(slimHtml`<p>${'gone'}</p>`, root);
    expect(own.isConnected).to.equal(false);
  });
});
