/**
 * Templates as Lit's renderer reads them, for the parts that are loaded on demand: what they make is drawn by the
 * renderer of the script that loads them. Vite puts it in the place of `lit` there (decision 0008).
 *
 * INVARIANT: it makes no Trusted Types policy; a page that allows the one of the script would refuse a second.
 */
import type { TemplateResult } from 'lit';

export const nothing = Symbol.for('lit-nothing');

export function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult {
  return { ['_$litType$']: 1, strings, values };
}
