/**
 * What an approval can be read and decided on without: the templates, the looks of values by their kind, the outcome in
 * full, the live feed, the audit trail, and the form with its check. A file of its own beside the scripts of the elements (parts.ts).
 *
 * INVARIANT: it brings what it needs and imports nothing of the script that loads it, which may have any address.
 */
export { schemaFor } from '../schemas/templates.ts';
export { check } from './check-value.ts';
export { explainMore } from './explain-more.ts';
export { withText } from './draft-text.ts';
export { feed } from './feed.ts';
export { follow, newsOf } from './news.ts';
export { renderData } from './render-data.ts';
export { renderField, renderRowButtons } from './render-field.ts';
export { renderKind } from './render-kind.ts';
export { renderChanges, renderOutcome } from './render-outcome.ts';
export { renderRouting } from './render-routing.ts';
export { PART_WORDS } from './words-parts.ts';
export { partStyles } from './styles-parts.ts';
