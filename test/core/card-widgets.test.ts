/**
 * The widgets of the vocabulary in the card: what each hint and each guess makes of a value.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { card } from '../../server/core/card.ts';
import { type CardFact, factsOf } from '../../server/core/card-facts.ts';
import { plainJson } from '../../server/core/card-guard.ts';
import { cardLines } from '../../server/core/card-lines.ts';
import { safeLink } from '../../server/core/card-link.ts';
import { diffLines, unifiedDiff } from '../../server/core/line-diff.ts';
import { markdownBlocks, type MdInline } from '../../server/core/markdown.ts';
import { SAMPLE_TIME, sampleApproval } from '../support/sample-approvals.ts';

const options = { locale: 'en', time_zone: 'UTC', now_ms: Date.parse(SAMPLE_TIME) + 60_000 };

/** The fact of one value named `v` under a schema; `beside` are its neighbours. */
function one(
  value: unknown,
  schema: Record<string, unknown> = {},
  beside: Record<string, unknown> = {},
): CardFact {
  const [fact] = factsOf({ v: value, ...beside }, { properties: { v: schema } }, options).facts;
  assert.ok(fact);
  return fact;
}
const named = (name: string, value: unknown, beside: Record<string, unknown> = {}) => {
  const fact = factsOf({ [name]: value, ...beside }, {}, options).facts.find((f) => f.pointer === `/${name}`);
  return [fact?.kind, fact?.text];
};

describe('without hints', () => {
  it('says what a value is by its name, its form and its type', () => {
    assert.deepEqual(named('total_cents', 1250, { currency: 'EUR' }), ['currency', '€12.50']);
    assert.deepEqual(named('fee', 3), ['number', '3']);
    assert.deepEqual(named('size_bytes', 2_500_000), ['bytes', '2.5 MB (2,500,000 bytes)']);
    assert.deepEqual(named('anything', 'https://a.example/x'), ['link', 'https://a.example/x']);
    assert.deepEqual(named('contact', 'kim@a.example'), ['link', 'kim@a.example']);
    assert.deepEqual(named('anything', '2026-11-20T10:00:00Z'), ['datetime', 'Nov 20, 2026, 10:00 AM UTC']);
    assert.deepEqual(named('anything', '2026-11-20'), ['date', 'Nov 20, 2026']);
    assert.deepEqual(named('enabled', false), ['boolean', 'No']);
    assert.deepEqual(named('confidence', 0.86), ['meter', '86%']);
    assert.deepEqual(named('notes', 'x'.repeat(200))[0], 'multiline');
    assert.deepEqual(named('scopes', ['read', 'write'])[0], 'tags');
    assert.deepEqual(named('rows', [{ a: 1 }, { a: 2 }])[0], 'table');
    assert.deepEqual(named('config', { before: 'a\nb', after: 'a\nc' }), ['diff', ' a\n-b\n+c']);
    assert.deepEqual(named('spent', 40, { limit: 100 }), ['meter', '40 / 100']);
  });

  it('gives words of a badge their tone, and none to others', () => {
    const tone = (text: string) => factsOf({ status: text }, {}, options).facts[0]?.tone;
    assert.deepEqual(
      ['passed', 'failed', 'production', 'blue'].map(tone),
      ['success', 'danger', 'neutral', 'neutral'].toSpliced(2, 1, 'warning'),
    );
  });

  it('guesses nothing where the schema says so', () => {
    const { facts } = factsOf({ status: 'ok', at: '2026-11-20' }, { 'x-ui': { infer: false } }, options);
    assert.deepEqual(
      facts.map((f) => f.kind),
      ['text', 'text'],
    );
  });
});

describe('hints', () => {
  it('read a currency from where $data points, in minor units', () => {
    const schema = { 'x-ui': { widget: 'currency', currency: { $data: '/deep/code' }, scale: 'minor' } };
    assert.equal(one(1_240_050, schema, { deep: { code: 'EUR' } }).text, '€12,400.50');
    assert.equal(one('1240050', schema, { deep: { code: 'JPY' } }).text, '¥1,240,050');
  });

  it('compare with another place: before, after and the difference, to the digit', () => {
    const schema = { 'x-ui': { compareTo: '/old' } };
    const fact = one(0.3, schema, { old: 0.1 });
    assert.deepEqual([fact.was, fact.text, fact.change], ['0.1', '0.3', '+0.2 (+200%)']);
    assert.deepEqual([one('b', schema, { old: 'a' }).was, one('b', schema).was], ['a', null]);
    const pair = one(
      { from: 5000, to: 4000 },
      { properties: { to: { 'x-ui': { widget: 'currency', currency: 'USD' } } } },
    );
    assert.equal(pair.change, '−$1,000.00 (-20%)');
  });

  it('compare with the previous value in the context', () => {
    const schema = { properties: { v: { 'x-ui': { compareTo: 'previous' } } } };
    const approval = sampleApproval({ params: { v: 2 }, context: { previous: { v: 1 } } });
    assert.equal(card(approval, schema, options).facts[0]?.was, '1');
  });

  it('mark thresholds from above and from below', () => {
    const schema = {
      'x-ui': {
        threshold: [
          { above: 10, tone: 'warning' },
          { above: 100, tone: 'danger' },
          { below: 0, tone: 'info' },
        ],
      },
    };
    assert.deepEqual(
      [5, 50, 500, -1].map((v) => one(v, schema).tone),
      ['neutral', 'warning', 'danger', 'info'],
    );
  });

  it('make links of values, percent-encoded, and only to https and mailto', () => {
    const fact = one('a b/c', { 'x-ui': { href: 'https://git.example/{/v}?o={/org}' } }, { org: 'x&y' });
    assert.deepEqual([fact.href, fact.host], ['https://git.example/a%20b%2Fc?o=x%26y', 'git.example']);
    assert.equal(one('x', { 'x-ui': { href: 'javascript:{/v}' } }).href, null);
    assert.equal(one('x', { 'x-ui': { href: 'https://a.example/{/none}' } }).href, null);
    for (const text of [
      'http://a.example',
      'javascript:1',
      'data:text/html,x',
      'https://bank.example@evil.example/',
      '//a',
    ])
      assert.equal(safeLink(text).href, null, text);
    assert.equal(safeLink('https://xn--bnk-hna.example/').host, 'xn--bnk-hna.example');
  });

  it('show a value only where another fits, and count it where it does not', () => {
    const schema = { 'x-ui': { visibleWhen: { pointer: '/kind', schema: { enum: ['wire'] } } } };
    const facts = (kind: string) => factsOf({ v: 1, kind }, { properties: { v: schema } }, options);
    assert.deepEqual([facts('wire').unshown, facts('card').unshown], [[], ['/v']]);
    assert.equal(facts('wire').facts.length, 2);
  });

  it('group members in sections, in order, with everything else after them', () => {
    const schema = {
      'x-ui': {
        sections: [
          { title: 'Money', fields: ['c', '/a'] },
          { title: 'Fine print', fields: ['b'], collapsed: true },
        ],
      },
    };
    const { facts, unshown } = factsOf({ a: 1, b: 2, c: 3, d: 4 }, schema, options);
    assert.deepEqual(
      facts.map((f) => [f.label, f.group, f.children.map((c) => c.label)]),
      [
        ['Money', 'open', ['C', 'A']],
        ['Fine print', 'closed', ['B']],
        ['D', null, []],
      ],
    );
    assert.deepEqual(unshown, []);
  });

  it("speak the reader's language where the schema does", () => {
    const schema = { properties: { v: { title: 'Amount', 'x-ui': { i18n: { de: 'Betrag' } } } } };
    const label = (locale: string) => factsOf({ v: 1 }, schema, { ...options, locale }).facts[0]?.label;
    assert.deepEqual([label('de-AT'), label('de'), label('fr')], ['Betrag', 'Betrag', 'Amount']);
  });

  it('order the columns of a table and drop none', () => {
    const fact = one([{ a: 1, b: 2, c: 3 }], { 'x-ui': { columns: ['c', '/a'] } });
    assert.deepEqual(fact.columns, ['C', 'A', 'B']);
  });

  it('put the name of a person first', () => {
    const fact = one({ role: 'CFO', name: 'Kim' }, { 'x-ui': { widget: 'person' } });
    assert.deepEqual([fact.kind, fact.children.map((c) => c.text)], ['entity', ['Kim', 'CFO']]);
  });

  it('count what is masked and pass on none of it', () => {
    const schema = { properties: { pin: { 'x-ui': { sensitive: true } } } };
    const shown = card(sampleApproval({ params: { pin: 'x9-secret', ok: 1 } }), schema, options);
    assert.deepEqual([shown.masked, shown.complete], [['/params/pin'], false]);
    assert.doesNotMatch(JSON.stringify(cardLines(shown)), /x9-secret/);
    assert.match(JSON.stringify(cardLines(shown)), /1 masked/);
  });

  it('state what the agent left unsaid, from the params', () => {
    const schema = { 'x-ui': { consequences: ['/effects'], ifDenied: '/else' } };
    const approval = sampleApproval({ params: { effects: ['a', 'b'], else: 'c' } });
    const says = card(approval, schema, options).says.map((s) => [s.kind, s.lines]);
    assert.deepEqual(
      says.find(([kind]) => kind === 'happens'),
      ['happens', ['a', 'b']],
    );
    assert.deepEqual(
      says.find(([kind]) => kind === 'if_denied'),
      ['if_denied', ['c']],
    );
  });
});

describe('markdown', () => {
  const words = (nodes: readonly MdInline[]): string =>
    nodes.map((node) => (typeof node === 'string' ? node : words(node.in))).join('');
  const text = (source: string): string =>
    markdownBlocks(source)
      .map((b) => {
        if ('in' in b) return words(b.in);
        return 'items' in b ? b.items.map(words).join('\n') : 'text' in b ? b.text : '';
      })
      .join('\n');

  it('knows paragraphs, headings, lists, quotations, code and rules', () => {
    const blocks = markdownBlocks(
      '# T\n\nOne *two* **three** `f(*x*)`\nmore\n\n- a\n- b\n  goes on\n\n1. c\n\n> q\n\n```ts\ncode\n```\n---',
    );
    assert.deepEqual(
      blocks.map((b) => b.block),
      ['h', 'p', 'ul', 'ol', 'quote', 'code', 'hr'],
    );
    assert.equal(text('- a\n- b\n  goes on'), 'a\nb\ngoes on');
  });

  it('keeps raw HTML and links to elsewhere as the text they are, and loads no image', () => {
    const source = '<img src=x onerror=1> [a](javascript:alert(1)) ![alt](https://t.example/p.png)';
    const [block] = markdownBlocks(source);
    assert.ok(block && 'in' in block);
    assert.ok(words(block.in).startsWith('<img src=x onerror=1> [a](javascript:alert'));
    const marks = block.in.filter((node) => typeof node !== 'string');
    assert.deepEqual(marks, [
      { mark: 'link', href: 'https://t.example/p.png', host: 't.example', in: ['alt'] },
    ]);
  });

  it('INVARIANT: every word of the source is in the nodes', () => {
    const piece = fc.constantFrom(
      '*',
      '**',
      '_',
      '`',
      '~~',
      '[',
      '](',
      ')',
      '#',
      '- ',
      '> ',
      '\n',
      '\n\n',
      '```',
      'wörd',
      'b2',
      ' ',
      '1. ',
      '\u202E',
      'https://a.example/x',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const shown = text(pieces.join(''));
        const count = (s: string, w: string) => s.split(w).length - 1;
        for (const word of ['wörd', 'b2'])
          assert.ok(count(shown, word) >= count(pieces.join('').replaceAll(/\]\([^()\s]*\)/g, ''), word));
        assert.doesNotMatch(shown, /\u202E/);
      }),
      { numRuns: 500 },
    );
  });

  it('a line that begins like the end of a code block and says more is part of the block', () => {
    assert.match(text('```\n\n```wörd'), /wörd/);
    assert.match(text('```\ncode\n```\nafter'), /code[^]*after/);
  });

  it('takes hostile text in linear time', () => {
    const started = performance.now();
    for (const evil of ['[', '*a', '`', '**', '_a_ ', '> ', '- ', '](', '![', '~~~\n'])
      markdownBlocks(evil.repeat(50_000 / evil.length));
    assert.ok(performance.now() - started < 3_000);
  });
});

describe('diffs', () => {
  it('INVARIANT: every line of both sides is in a made diff, so that nothing is changed unseen', () => {
    const lines = fc
      .array(fc.constantFrom('a', 'b', 'c', '', 'd d'), { maxLength: 12 })
      .map((l) => l.join('\n'));
    fc.assert(
      fc.property(lines, lines, (before, after) => {
        const made = unifiedDiff(before, after).split('\n');
        const side = (sign: string) =>
          made
            .filter((l) => l[0] === ' ' || l[0] === sign)
            .map((l) => l.slice(1))
            .join('\n');
        assert.equal(side('-'), before);
        assert.equal(side('+'), after);
      }),
    );
  });

  it('say of each line what it is', () => {
    const signs = diffLines('--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n z').map((l) => l.sign);
    assert.deepEqual(signs.join(''), '@@@-+ ');
  });
});

describe('data of a host that is no JSON', () => {
  it('INVARIANT: what comes out is JSON of bounded depth, and whatever was cut is named in its place', () => {
    const cyclic: Record<string, unknown> = { a: 1, big: 10n, f: () => 1, nan: Number.NaN };
    cyclic['self'] = cyclic;
    cyclic['list'] = [cyclic];
    const plain = plainJson(cyclic);
    assert.match(JSON.stringify(plain), /refers back to itself/);
    assert.match(JSON.stringify(plain), /⟨bigint⟩ 10/);
    let deep: unknown = 'end';
    for (let n = 0; n < 10_000; n++) deep = { deep };
    assert.match(JSON.stringify(plainJson(deep)), /nested too deep/);
    let wide: unknown = [];
    for (let n = 0; n < 60; n++) wide = [wide, wide];
    assert.match(JSON.stringify(plainJson(wide)), /too much to show/);
  });

  it('is left alone where it is JSON', () => {
    const params = { a: [1, { b: null }] };
    assert.equal(plainJson(params), params);
  });
});
