/**
 * The drawn signs. No emoji and no icon font: they differ between machines.
 * Invariant: every sign stands beside its word and is hidden from screen readers.
 */
import { html, type TemplateResult } from 'lit';
import type { RiskLevel } from '../schemas/approval.ts';

const HEIGHT: Readonly<Record<RiskLevel, number>> = { low: 1, medium: 2, high: 3, critical: 4 };

/** Risk as one to four bars. */
export function riskIcon(level: RiskLevel): TemplateResult {
  const on = (n: number): string => (n <= HEIGHT[level] ? 'on' : 'off');
  return html`<svg class="icon bars" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <rect class=${on(1)} x="1" y="11" width="2.5" height="4" rx="0.6" />
    <rect class=${on(2)} x="4.8" y="8" width="2.5" height="7" rx="0.6" />
    <rect class=${on(3)} x="8.6" y="5" width="2.5" height="10" rx="0.6" />
    <rect class=${on(4)} x="12.4" y="1" width="2.5" height="14" rx="0.6" />
  </svg>`;
}

export function clockIcon(): TemplateResult {
  return html`<svg class="icon line" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <circle cx="8" cy="8" r="6.2" />
    <path d="M8 4.4V8l2.4 1.6" />
  </svg>`;
}

export function backIcon(): TemplateResult {
  return html`<svg class="icon line flips" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
    <path d="M10 3.2 5.2 8l4.8 4.8" />
  </svg>`;
}
