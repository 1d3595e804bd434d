/**
 * The few words that both the scripts of the elements and the parts they load draw; each has a copy of them.
 * Invariant: as in words.ts, so that another language is another table.
 */
import { many, type Wide } from './table.ts';

const ENGLISH = {
  opensAt: (host: string): string => `opens ${host}`,
  showCharacters: (n: number): string => `Show ${many(n, 'more character', 'more characters')}`,
} as const;

export type BothWords = Wide<typeof ENGLISH>;
export const BOTH_WORDS: BothWords = { ...ENGLISH };
