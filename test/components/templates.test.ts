/**
 * Every template in the view: no axe finding and no sideways scrolling, in light and dark, narrow and wide; and what
 * hostile data can make of it, which is nothing.
 */
import { expect, fixture, html, waitUntil } from '@open-wc/testing';
import { emulateMedia, setViewport } from '@web/test-runner-commands';
import type { Approval } from '../../schemas/approval.ts';
import { EXAMPLES } from '../../schemas/examples.ts';
import type { HumanApprovalView } from '../../components/human-approval-view.ts';
import '../../components/human-approval-view.ts';
import { sampleApproval } from '../support/sample-approvals.ts';

async function show(over: Partial<Approval>, dir = 'ltr') {
  const approval = sampleApproval(over);
  const view = await fixture<HumanApprovalView>(
    html`<human-approval-view dir=${dir} .approval=${approval}></human-approval-view>`,
  );
  const root = view.shadowRoot;
  if (!root) throw new Error('There is no shadow root.');
  return { view, root, text: () => root.querySelector<HTMLElement>('.card')?.innerText ?? '' };
}

const hinted = (properties: Record<string, unknown>) => ({ escalation_schema: { properties } });

for (const scheme of ['light', 'dark'] as const) {
  for (const width of [320, 900]) {
    describe(`templates in ${scheme} at ${width} px`, () => {
      before(async () => {
        await emulateMedia({ colorScheme: scheme });
        await setViewport({ width, height: 900 });
        document.documentElement.style.colorScheme = 'light dark';
        document.documentElement.lang = 'en';
      });

      for (const [name, examples] of Object.entries(EXAMPLES)) {
        it(`${name} has no axe finding and does not scroll sideways`, async () => {
          for (const example of examples) {
            const { view, root } = await show(example);
            for (const details of root.querySelectorAll('details')) details.open = true;
            await view.updateComplete;
            expect(document.documentElement.scrollWidth).to.be.at.most(width);
            for (const part of root.querySelectorAll('table, .code, dl, ul'))
              expect(part.scrollWidth, part.textContent).to.be.at.most(part.clientWidth + 1);
            await expect(view).to.be.accessible();
          }
        });
      }
    });
  }
}

describe('a masked value', () => {
  it('is in the page only while it is looked at, and the host hears of it', async () => {
    const secret = 'x9-secret';
    const { view, root, text } = await show({
      params: { token: secret, ok: 1 },
      request: { method: 'POST', url: 'https://a.example/', body: { token: secret, ok: 1 } },
      ...hinted({ token: { 'x-ui': { sensitive: true } } }),
    });
    for (const details of root.querySelectorAll<HTMLDetailsElement>('details:not(.masked)'))
      details.open = true;
    await waitUntil(() => root.querySelector('[part=all-data] pre'));
    expect(root.textContent).to.not.contain(secret);
    expect(text()).to.contain('1 masked value');
    const pointers: string[] = [];
    view.addEventListener('approval-reveal', (event) => pointers.push(event.pointer));
    const masked = root.querySelector<HTMLDetailsElement>('details.masked');
    if (!masked) throw new Error('Nothing is masked.');
    const toggled = () => new Promise((done) => masked.addEventListener('toggle', done, { once: true }));
    masked.open = true;
    await toggled();
    expect(masked.innerText).to.contain(secret);
    expect(pointers).to.deep.equal(['/token']);
    masked.open = false;
    await toggled();
    expect(root.textContent).to.not.contain(secret);
  });
});

describe('long and many', () => {
  it('are behind a counted button, all of them', async () => {
    const { root, text } = await show({
      params: {
        rows: Array.from({ length: 40 }, (_, n) => ({ n, name: `row ${n}` })),
        notes: 'word '.repeat(600),
      },
    });
    expect(text()).to.contain('Show 28 more').and.to.contain('Show 1800 more characters');
    expect(root.querySelectorAll('tbody tr').length).to.equal(40);
    expect(root.textContent?.split('word').length).to.be.at.least(600);
  });
});

describe('hostile data', () => {
  const evil = '<img src=x onerror="globalThis.hacked=1">\u202E\u200B';

  it('in every widget stays text, links nowhere, loads nothing', async () => {
    const widgets = [
      'text',
      'multiline',
      'markdown',
      'code',
      'json',
      'diff',
      'badge',
      'tags',
      'list',
      'checklist',
      'table',
      'person',
      'link',
      'image',
      'compare',
      'meter',
      'relative',
      'date',
      'currency',
      'hologram',
      'constructor',
      '__proto__',
    ];
    const values = [
      evil,
      [evil, evil],
      [{ a: evil }],
      { name: evil, b: evil },
      { from: evil, to: `${evil}\n` },
    ];
    for (const value of values) {
      const params = Object.fromEntries(widgets.map((w) => [`v_${w}`, value]));
      const properties = Object.fromEntries(
        widgets.map((w) => [`v_${w}`, { title: evil, 'x-ui': { widget: w, help: evil, label: evil } }]),
      );
      const { root, text } = await show({ params, ...hinted(properties) });
      expect(root.querySelectorAll('img, script, iframe, [onerror], [style]').length).to.equal(0);
      expect(text()).to.not.match(/[\u202E\u200B]/);
      expect([...root.querySelectorAll('a')].length).to.equal(0);
    }
    expect('hacked' in globalThis).to.equal(false);
  });

  it('makes no link but to https and mail, in markdown either', async () => {
    const { root } = await show({
      params: {
        a: 'javascript:alert(1)',
        b: 'data:text/html,x',
        c: 'http://plain.example/',
        d: 'https://ok.example/x',
        body_md:
          '[x](javascript:alert(1)) ![p](https://t.example/p.png) [m](mailto:a@b.example) <https://a.example>',
      },
      ...hinted({ a: { format: 'uri' }, b: { format: 'uri' }, c: { format: 'uri' } }),
    });
    const links = [...root.querySelectorAll('a')].map((a) => a.href);
    expect(links).to.deep.equal([
      'https://ok.example/x',
      'https://t.example/p.png',
      'mailto:a@b.example',
      'https://a.example/',
    ]);
  });

  it('may be deep, huge or cyclic', async () => {
    let deep: unknown = 'bottom';
    for (let n = 0; n < 3_000; n++) deep = { deep };
    const cyclic: Record<string, unknown> = { a: 1 };
    cyclic['self'] = cyclic;
    const params = {
      deep,
      cyclic,
      huge: 'x'.repeat(300_000),
      many: Array.from({ length: 5_000 }, (_, n) => n),
    };
    const loop = { $ref: '#/$defs/loop', $defs: { loop: { $ref: '#/$defs/loop' } } };
    const { text } = await show({ params, escalation_schema: loop });
    expect(text()).to.contain('refers back to itself').and.to.contain('All data');
  });
});

describe('right to left', () => {
  it('mirrors the meter and keeps every value in its own direction', async () => {
    const { root } = await show({ params: { confidence: 0.5, name: 'אבג 12' } }, 'rtl');
    const meter = root.querySelector('.meter');
    if (!meter) throw new Error('There is no meter.');
    expect(getComputedStyle(meter).transform).to.contain('-1');
    expect(root.querySelectorAll('dd bdi').length).to.be.at.least(1);
  });
});
