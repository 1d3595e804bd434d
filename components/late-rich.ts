/**
 * What richer hints of a schema ask of the card, once the parts are there. The build puts it in place of the core's
 * card-rich.ts in the scripts of the elements (decision 0019); sources, tests and the ESM build have the original.
 *
 * INVARIANT: without the parts nothing is left out: a value is shown in full, without its group, tone, link or difference.
 * A schema that asks for any of these needs the parts before it is drawn (needs.ts).
 */
import type * as Rich from '../server/core/card-rich.ts';
import { visible } from '../server/core/card-text.ts';
import { parts } from './parts.ts';

export const sectionsOf: typeof Rich.sectionsOf = (...given) => parts?.sectionsOf(...given) ?? [];
export const isVisible: typeof Rich.isVisible = (...given) => parts?.isVisible(...given) ?? true;
export const thresholdOf: typeof Rich.thresholdOf = (...given) => parts?.thresholdOf(...given) ?? null;
export const optionTitle: typeof Rich.optionTitle = (schema, value, options) =>
  parts?.optionTitle(schema, value, options) ?? visible(String(value));
export const beforeOf: typeof Rich.beforeOf = (...given) => parts?.beforeOf(...given);
export const differenceText: typeof Rich.differenceText = (...given) =>
  parts?.differenceText(...given) ?? null;
export const lineByLine: typeof Rich.lineByLine = (before, after) =>
  parts?.lineByLine(before, after) ?? visible(`${before}\n${after}`);
export const linkOf: typeof Rich.linkOf = (...given) => parts?.linkOf(...given) ?? { href: null, host: null };
export const nameFirst: typeof Rich.nameFirst = (facts) => parts?.nameFirst(facts) ?? [...facts];
export const MAX_LINE_CHARS = 80;
export const pointedFacts: typeof Rich.pointedFacts = (...given) => parts?.pointedFacts(...given) ?? [];
export const stating: typeof Rich.stating = (approval, schema) =>
  parts?.stating(approval, schema) ?? approval;
