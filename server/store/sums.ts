/**
 * What the callers of one transaction add to counts, gathered so that each count is written once.
 * INVARIANT: what is written is the sum of what was asked for; nothing gathered is kept beyond the transaction.
 */
import type { Statement } from '../core/ports.ts';

export type Sums = {
  /** Takes a statement whose last value is the number to add. */
  gather(asked: Statement): void;
  /** The statements that write the sums, each once; begins anew. Counts that came to nothing are left out. */
  take(): Statement[];
};

export function createSums(): Sums {
  let byTemplate = new Map<readonly string[], Map<string, { asked: Statement; n: number }>>();
  return {
    gather: (asked) => {
      const { strings, values } = asked;
      let counts = byTemplate.get(strings);
      if (!counts) byTemplate.set(strings, (counts = new Map()));
      const name = values.slice(0, -1).join('\0');
      const count = counts.get(name);
      const n = Number(values.at(-1));
      if (count) count.n += n;
      else counts.set(name, { asked, n });
    },
    take: () => {
      const all = [...byTemplate.values()].flatMap((counts) => [...counts.values()]);
      byTemplate = new Map();
      return all
        .filter(({ n }) => n !== 0)
        .map(({ asked, n }) => ({ ...asked, values: [...asked.values.slice(0, -1), n] }));
    },
  };
}
