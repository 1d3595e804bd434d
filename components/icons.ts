/**
 * The drawn signs. No emoji and no icon font: they differ between machines.
 * Invariant: every sign stands beside its word and is hidden from screen readers.
 */
import { html, type TemplateResult } from 'lit';
import type { RiskLevel } from '../schemas/approval.ts';

const BARS = ['M2 12v2', 'M6 9v5', 'M10 6v8', 'M14 2v12'];
const HEIGHT: Readonly<Record<RiskLevel, number>> = { low: 1, medium: 2, high: 3, critical: 4 };

/** Risk as one to four bars, in the paths of those that are lit and of those that are not. */
export function riskBars(level: RiskLevel): [lit: string, dim: string] {
  return [BARS.slice(0, HEIGHT[level]).join(''), BARS.slice(HEIGHT[level]).join('')];
}

export function riskIcon(level: RiskLevel): TemplateResult {
  const [lit, dim] = riskBars(level);
  return html`<svg class="icon bars" viewBox="0 0 16 16" aria-hidden="true">
    <path d=${lit} />
    <path class="off" d=${dim} />
  </svg>`;
}

export function backIcon(): TemplateResult {
  return html`<svg class="icon line flips" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M10 3.2 5.2 8l4.8 4.8" />
  </svg>`;
}
