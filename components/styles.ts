/**
 * The tokens and shared looks of both elements. Hosts theme by --ha-* custom properties and ::part.
 * Invariant: colour only where it means something (risk, tone, the one accent); light and dark follow the
 * host's color-scheme; logical properties throughout, so that right-to-left needs no second sheet.
 */
import { css } from 'lit';

export const tokens = css`
  :host {
    --surface: var(--ha-surface, light-dark(#fff, #15171c));
    --sunken: var(--ha-sunken, light-dark(#f4f5f8, #1d2028));
    --text: var(--ha-text, light-dark(#191c22, #e9ebf0));
    --muted: var(--ha-muted, light-dark(#59606f, #a5acbb));
    --border: var(--ha-border, light-dark(#e1e4ea, #2d313b));
    --edge: var(--ha-edge, light-dark(#868d9b, #767e8f));
    --accent: var(--ha-accent, light-dark(#2348b8, #9db4ff));
    --on-accent: var(--ha-on-accent, light-dark(#fff, #0d1430));
    --success: var(--ha-success, light-dark(#136638, #74d4a0));
    --info: var(--ha-info, light-dark(#2a5391, #94bdf2));
    --warning: var(--ha-warning, light-dark(#874900, #f0b465));
    --danger: var(--ha-danger, light-dark(#b0231b, #ff9c93));
    --radius: var(--ha-radius, 10px);
    --mono: var(--ha-font-mono, ui-monospace, Menlo, Consolas, monospace);
    --s: var(--ha-space, 8px);
    --pad: calc(var(--s) * 2);
    display: block;
    container-type: inline-size;
    color: var(--text);
    font: 1rem/1.5 var(--ha-font, system-ui, sans-serif);
    text-align: start;
    overflow-wrap: anywhere;
  }
  :host([hidden]) {
    display: none;
  }
  * {
    box-sizing: border-box;
    margin: 0;
    padding: 0;
  }
  ol,
  ul {
    list-style: none;
  }
  .sr {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .faint {
    color: var(--muted);
  }
  .small {
    font-size: 0.8125rem;
  }
  .num {
    font-variant-numeric: tabular-nums;
  }
  .low,
  .success {
    --tone: var(--success);
  }
  .medium,
  .info {
    --tone: var(--info);
  }
  .high,
  .warning {
    --tone: var(--warning);
  }
  .critical,
  .danger {
    --tone: var(--danger);
  }
  .neutral {
    --tone: initial;
  }
  .edged {
    border: 1px solid var(--border);
    border-inline-start: 4px solid var(--tone, var(--edge));
    border-radius: 4px var(--radius) var(--radius) 4px;
    background: var(--surface);
  }
  :host(:dir(rtl)) .edged {
    border-radius: var(--radius) 4px 4px var(--radius);
  }
  .icon {
    inline-size: 1em;
    block-size: 1em;
    flex: none;
    vertical-align: -0.125em;
    fill: currentColor;
  }
  .off {
    opacity: 0.28;
  }
  .bars {
    stroke: currentColor;
    stroke-width: 2.5;
  }
  .line {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.6;
    stroke-linecap: round;
  }
  :host(:dir(rtl)) .flips {
    transform: scaleX(-1);
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.3em;
    padding: 0.1em 0.55em;
    border-radius: 6px;
    background: color-mix(in srgb, var(--tone, var(--edge)) 12%, var(--surface));
    color: var(--tone, var(--muted));
    font-size: 0.8125rem;
    font-weight: 550;
  }
  button,
  input,
  select,
  textarea {
    min-block-size: 44px;
    padding: 0.65em 0.8em;
    border: 1px solid var(--edge);
    border-radius: var(--radius);
    background: var(--surface);
    color: inherit;
    font: inherit;
    line-height: 1.35;
  }
  input,
  select,
  textarea {
    inline-size: 100%;
  }
  textarea {
    resize: none;
    field-sizing: content;
    max-block-size: 10em;
  }
  ::placeholder {
    color: var(--muted);
    opacity: 1;
  }
  button {
    padding-inline: 1.1em;
    font-weight: 600;
    overflow-wrap: normal;
    cursor: pointer;
  }
  button:hover {
    background: var(--sunken);
  }
  .approve,
  .approve:hover {
    border-color: var(--accent);
    background: var(--accent);
    color: var(--on-accent);
  }
  .approve:hover {
    filter: brightness(1.1);
  }
  .quiet {
    white-space: nowrap;
    font-weight: 500;
  }
  button:is(:disabled, [aria-disabled]):is(:hover, *) {
    border-color: var(--border);
    background: var(--sunken);
    color: var(--muted);
    filter: none;
    cursor: not-allowed;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
  }
  .notice:not(:empty),
  .alert:not(:empty) {
    padding: calc(var(--s) * 1.25) var(--pad);
    background: color-mix(in srgb, var(--tone) 12%, var(--surface));
    color: var(--tone);
    font-size: 0.9375rem;
  }
  @media (forced-colors: active) {
    .badge,
    .notice:not(:empty),
    .alert:not(:empty) {
      border: 1px solid;
    }
    button[aria-disabled] {
      color: GrayText;
    }
  }
`;
