/** Requirements as trees and counting against them: what is one, who fills which place, and what nobody passes by. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Requirement } from '../../schemas/requirement.ts';
import { type Fills, tallyOf } from '../../server/core/quorum.ts';
import { fewestOf, requirementIssues, wayCount, waysOf } from '../../server/core/requirement.ts';

const GROUPS: Record<string, string[]> = {
  grp_finance: ['mem_ana', 'mem_ben'],
  grp_legal: ['mem_ben', 'mem_cleo'],
  grp_empty: [],
};
const fills: Fills = ({ id, in_place_of }, place) =>
  place === 'anyone' ||
  [id, in_place_of].some((one) => one === place || (one !== null && GROUPS[place]?.includes(one)));
const voters = (...ids: string[]) => ids.map((id) => ({ id, in_place_of: null }));
const met = (requirement: Requirement | null, ids: string[], quorum = 1) =>
  tallyOf({ quorum, requirement }, voters(...ids), fills).met;

describe('a requirement', () => {
  const wrong: [value: unknown, place: string][] = [
    [{ n: 0, of: 'grp_finance' }, 'body/requirement/n'],
    [{ n: -1, of: 'grp_finance' }, 'body/requirement/n'],
    [{ n: 1.5, of: 'grp_finance' }, 'body/requirement/n'],
    [{ n: '2', of: 'grp_finance' }, 'body/requirement/n'],
    [{ n: Number.NaN, of: 'anyone' }, 'body/requirement/n'],
    [{ of: 'grp_finance' }, 'body/requirement'],
    [{ n: 3, of: ['mem_ana', 'mem_ben'] }, 'body/requirement/n'],
    [{ n: 1, of: [] }, 'body/requirement/of'],
    [{ any: [] }, 'body/requirement/any'],
    [{ all: ['mem_ana', { any: [] }] }, 'body/requirement/all/1/any'],
    [{ all: ['anyone'] }, 'body/requirement/all/0'],
    [{ any: ['mem_ana'], all: ['mem_ben'] }, 'body/requirement'],
    ['Finance', 'body/requirement'],
    [null, 'body/requirement'],
    [
      { all: [{ all: [{ all: [{ all: [{ all: ['mem_ana'] }] }] }] }] },
      'body/requirement/all/0/all/0/all/0/all/0',
    ],
    [{ n: 50, of: 'anyone', more: 1 }, 'body/requirement'],
    [
      {
        all: [
          { n: 30, of: 'anyone' },
          { n: 30, of: 'grp_finance' },
        ],
      },
      'body/requirement',
    ],
    [{ n: 10, of: Array.from({ length: 20 }, (_, n) => `mem_${n}`) }, 'body/requirement'],
  ];
  for (const [value, place] of wrong) {
    it(`${JSON.stringify(value).slice(0, 60)} is refused at ${place}`, () => {
      assert.equal(requirementIssues(value, 'body/requirement')[0]?.location, place);
    });
  }

  it('knows its ways without writing them down', () => {
    const tree = fc.letrec<{ tree: Requirement }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 2 },
        fc.constantFrom('mem_ana', 'grp_finance'),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
        fc.array(tie('tree'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
        fc.record({ n: fc.integer({ min: 1, max: 3 }), of: fc.constant('anyone') }),
      ),
    })).tree;
    fc.assert(
      fc.property(tree, (one) => {
        if (requirementIssues(one, '').length > 0) return;
        const ways = waysOf(one);
        assert.equal(wayCount(one), ways.length);
        assert.equal(fewestOf(one), Math.min(...ways.map((way) => way.length)));
        assert.ok(
          ways.every((way) => way.length >= 1),
          'nothing is met by nobody',
        );
      }),
      { numRuns: 200 },
    );
  });
});

describe('counting', () => {
  it('one person fills one place, the one where it helps most', () => {
    const both: Requirement = { all: ['grp_finance', 'grp_legal'] };
    assert.ok(!met(both, ['mem_ben']), 'Ben is in both and counts once');
    assert.ok(met(both, ['mem_ben', 'mem_ana']), 'Ben moves to Legal, so that Ana has Finance');
    assert.ok(met(both, ['mem_ben', 'mem_cleo']));
    assert.ok(!met(both, ['mem_ana', 'mem_ana']));
    assert.ok(!met({ n: 2, of: 'grp_finance' }, ['mem_ana', 'mem_ana']));
    assert.ok(met({ n: 2, of: 'grp_finance' }, ['mem_ana', 'mem_ben']));
    assert.ok(met({ n: 2, of: ['mem_ana', 'grp_legal', 'mem_dora'] }, ['mem_ana', 'mem_cleo']));
    assert.ok(!met({ n: 2, of: ['mem_ana', 'grp_legal', 'mem_dora'] }, ['mem_ben', 'mem_cleo']));
  });

  it('a quorum and a requirement hold both', () => {
    assert.ok(!met('grp_finance', ['mem_ana'], 2));
    assert.ok(met('grp_finance', ['mem_ana', 'mem_zoe'], 2));
    assert.ok(!met('grp_finance', ['mem_yann', 'mem_zoe'], 2));
    const said = tallyOf({ quorum: 3, requirement: 'grp_finance' }, voters('mem_zoe'), fills);
    assert.deepEqual(said.missing, [
      { n: 1, place: 'grp_finance' },
      { n: 1, place: 'anyone' },
    ]);
  });

  it('a substitute fills the place of whom they stand in for, and no second one', () => {
    const zoe = { id: 'mem_zoe', in_place_of: 'mem_ana' };
    assert.ok(tallyOf({ quorum: 1, requirement: 'grp_finance' }, [zoe], fills).met);
    assert.ok(!tallyOf({ quorum: 1, requirement: { n: 2, of: 'grp_finance' } }, [zoe, zoe], fills).met);
  });

  // openbao/openbao#3666: approvals that were omitted or 0 passed with nobody.
  it('a quorum of 0, none, or no whole number is met by nobody, however many approve', () => {
    for (const quorum of [0, -1, 0.5, Number.NaN, undefined, null, '1'] as number[]) {
      const counted = tallyOf({ quorum, requirement: null }, voters('mem_ana', 'mem_ben'), fills);
      assert.ok(!counted.met, String(quorum));
    }
    assert.ok(!met('grp_empty', ['mem_ana', 'mem_ben', 'mem_cleo']), 'nor is a group without people');
    assert.ok(!met(null, []));
  });

  it('agrees with trying every seating', () => {
    const places = fc.array(fc.constantFrom('grp_finance', 'grp_legal', 'mem_ana', 'anyone'), {
      minLength: 1,
      maxLength: 4,
    });
    const people = fc.subarray(['mem_ana', 'mem_ben', 'mem_cleo', 'mem_zoe']);
    fc.assert(
      fc.property(places, people, (way, ids) => {
        const tree: Requirement = {
          all: way.map((place) => (place === 'anyone' ? { n: 1, of: place } : place)),
        };
        assert.equal(met(tree, ids), seated(way, ids));
      }),
      { numRuns: 300 },
    );
  });
});

/** Brute force: whether each place gets a person of its own. */
function seated([place, ...others]: readonly string[], ids: readonly string[]): boolean {
  if (place === undefined) return true;
  return ids.some(
    (id) =>
      fills({ id, in_place_of: null }, place) &&
      seated(
        others,
        ids.filter((other) => other !== id),
      ),
  );
}
