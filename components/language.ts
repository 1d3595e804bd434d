/**
 * The language of the moment. English is built in; another registers itself with all its tables and is spoken by the
 * elements whose locale asks for it.
 *
 * Invariant: an element speaks one language throughout: its tables are filled before it draws. Drawing is synchronous,
 * so elements of several languages may stand on one page.
 */
import type { CardWords } from '../server/core/card-words.ts';
import { type Words, WORDS } from './words.ts';
import type { InboxWords } from './words-inbox.ts';
import type { PartWords } from './words-parts.ts';

/** Everything that is said, in one language. */
export type Language = { view: Words; inbox: InboxWords; parts: PartWords; card: CardWords };

const languages = new Map<string, Language>();
/** The tables that are in use, and their English. The parts bring a copy of their own. */
const tables: { name: keyof Language; now: object; english: object }[] = [];
let spoken: Language | undefined;

/** Makes a table, which is in English still, follow the language. */
export function addTable(name: keyof Language, table: object): void {
  if (tables.some(({ now }) => now === table)) return;
  tables.push({ name, now: table, english: { ...table } });
  fill();
}

addTable('view', WORDS);

function fill(): void {
  for (const { name, now, english } of tables) Object.assign(now, spoken?.[name] ?? english);
}

/** `tag` is a language tag, such as de or pt-BR. */
export function registerLanguage(tag: string, language: Language): void {
  languages.set(tag.toLowerCase(), language);
}

/** Speaks the language of a locale: the whole tag's, else its first part's, else English. Gives the card's table. */
export function speak(locale = ''): CardWords | undefined {
  const tag = locale.toLowerCase();
  const language = languages.get(tag) ?? languages.get(tag.split('-', 1).join());
  if (language !== spoken) {
    spoken = language;
    fill();
  }
  return language?.card;
}
