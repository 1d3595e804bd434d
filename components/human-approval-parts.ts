/**
 * What nobody needs to read an approval and decide on it: the form with its check, and the audit trail. A file of its
 * own beside the scripts of the elements, loaded when it is asked for (parts.ts).
 *
 * INVARIANT: it brings what it needs and imports nothing of the script that loads it, which may have any address.
 */
export { check } from './check-value.ts';
export { withText } from './draft-text.ts';
export { renderField, renderRowButtons } from './render-field.ts';
export { renderTrail } from './render-trail.ts';
