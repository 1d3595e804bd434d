/**
 * What an approval can be read and decided on without: the templates, the live feed, the widgets that few requests have,
 * the audit trail, and the form with its check. A file of its own beside the scripts of the elements (parts.ts).
 *
 * INVARIANT: it brings what it needs and imports nothing of the script that loads it, which may have any address.
 */
export { schemaFor } from '../schemas/templates.ts';
export { check } from './check-value.ts';
export { withText } from './draft-text.ts';
export { feed } from './feed.ts';
export { renderField, renderRowButtons } from './render-field.ts';
export { renderTrail } from './render-trail.ts';
export { BOTH_WORDS } from './words-both.ts';
export { PART_WORDS } from './words-parts.ts';
export { partStyles } from './styles-parts.ts';
export { diff, markdown, tree } from './widget-rare.ts';
