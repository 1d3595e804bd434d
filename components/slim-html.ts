/**
 * Lit's `html` and `nothing` for the parts that are loaded on demand, in the shape in which Lit's renderer reads them:
 * what the parts make is drawn by the renderer of the script that loads them (decision 0008).
 *
 * INVARIANT: it makes no Trusted Types policy; a page that allows the one of the script would refuse a second.
 */
import type { TemplateResult } from 'lit/html.js';

export const nothing = Symbol.for('lit-nothing');

export function html(strings: TemplateStringsArray, ...values: unknown[]): TemplateResult {
  return { _$litType$: 1, strings, values };
}
