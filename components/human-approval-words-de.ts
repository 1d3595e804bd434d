/**
 * German for a page that wants it: <script type="module" src="human-approval-words-de.js"></script> beside the script of
 * an element. A file of its own, so that who does not need it does not load it.
 *
 * Invariant: it finds the elements by their tags, so it works with whichever copy of them the page has, before or after
 * they are defined.
 */
import type { Language } from './language.ts';
import { german } from './words-de.ts';

type Speaking = { registerLanguage(tag: string, language: Language): void };

for (const tag of ['human-approval-view', 'human-approval-inbox']) {
  void customElements
    .whenDefined(tag)
    .then((element) => (element as unknown as Speaking).registerLanguage('de', german));
}
