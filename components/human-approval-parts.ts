/**
 * What a plain request can be read and decided on without: the templates, the looks of values by their kind, the outcome
 * in full, the other decisions, the conversation, the live feed, the audit trail, and the form with its check. A file of
 * its own beside the scripts of the elements, loaded when a request needs one of them (needs.ts).
 *
 * INVARIANT: it brings what it needs and imports nothing of the script that loads it, which may have any address.
 */
export { schemaFor } from '../schemas/templates.ts';
export { jsonOf } from '../server/core/card-guard.ts';
export { changesBetween, endOf } from '../server/core/card-outcome.ts';
export {
  beforeOf,
  differenceText,
  isVisible,
  lineByLine,
  linkOf,
  nameFirst,
  optionTitle,
  pointedFacts,
  sectionsOf,
  stating,
  thresholdOf,
} from '../server/core/card-rich.ts';
export { check } from './check-value.ts';
export { explainMore } from './explain-more.ts';
export { withText } from './draft-text.ts';
export { feed } from './feed.ts';
export { withoutMasked } from './mask-data.ts';
export { follow, newsOf, recordedOpen } from './news.ts';
export { placeOf } from './place-of.ts';
export { renderHeadline } from './render-hero.ts';
export { renderFactList } from './render-fact.ts';
export { renderMessage } from './render-message.ts';
export { renderChanges, renderOutcome } from './render-outcome.ts';
export { renderOthers, renderPanel, renderPanelButtons } from './render-panels.ts';
export { renderVotes } from './render-routing.ts';
export { renderAudit } from './render-trail.ts';
export { PART_WORDS } from './words-parts.ts';
export { partStyles } from './styles-parts.ts';
