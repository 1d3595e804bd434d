/**
 * Templates as `slim-render.ts` reads them, in the place of Lit's (decision 0008). The parts that are loaded on demand
 * take these alone: what they make is drawn by the renderer of the script that loads them.
 *
 * INVARIANT: it makes no Trusted Types policy; a page that allows the one of the script would refuse a second.
 */
export type Template = { strings: TemplateStringsArray; values: readonly unknown[] };

export const nothing = Symbol.for('lit-nothing');

export function html(strings: TemplateStringsArray, ...values: unknown[]): Template {
  return { strings, values };
}
