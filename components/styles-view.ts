/**
 * The looks of a plain request, as it is first drawn: the hierarchy of its type, its facts, the bar and its fields, and
 * paper. What stands in the parts brings its own looks (styles-parts.ts), so that their coming moves nothing.
 * Invariant: nothing scrolls sideways from 320 px, and the bar never covers more than it must on low screens.
 */
import { css } from 'lit';

export const viewStyles = css`
  :where(.card > *) {
    --tone: initial;
  }
  .card > .alert {
    position: sticky;
    inset-block-start: 0;
    z-index: 2;
  }
  .strip,
  .hints,
  .who {
    color: var(--muted);
  }
  .strip,
  .ask {
    padding: var(--pad) var(--pad) 0;
  }
  .strip,
  dt {
    font-size: 0.875rem;
  }
  .strip {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
  }
  .strip .icon {
    margin-inline-end: 0.35em;
  }
  .strip > :nth-child(3) {
    margin-inline-start: auto;
  }
  h2 {
    font-size: 1.375rem;
    font-weight: 650;
    line-height: 1.25;
    letter-spacing: -0.012em;
    text-wrap: balance;
  }
  .who {
    margin-block-start: var(--s);
    font-size: 0.9375rem;
  }
  .who b {
    font-weight: 600;
    color: var(--text);
  }
  dd {
    font-variant-numeric: tabular-nums;
  }
  dt {
    color: var(--muted);
    font-weight: 400;
  }
  h3 {
    font-size: 1rem;
    font-weight: 650;
  }
  .said,
  .part,
  .outcome {
    margin: calc(var(--s) * 3.5) var(--pad) 0;
  }
  .said {
    padding-inline-start: 16px;
    border-inline-start: 2px solid var(--border);
  }
  .said h3 {
    color: var(--muted);
    font-size: 0.8125rem;
    font-weight: 500;
  }
  .said dl {
    display: grid;
    gap: 12px;
    margin-block: var(--s);
  }
  .said ul {
    padding-inline-start: 1.1em;
    list-style: disc;
  }
  .main dt {
    font-weight: 600;
    color: var(--text);
  }
  .prose {
    white-space: pre-wrap;
    max-inline-size: 68ch;
  }
  .titled {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--s);
  }
  .titled + .facts,
  h3 + .facts {
    margin-block-start: 4px;
  }
  .fact {
    padding-block: 7px;
    border-block-start: 1px solid var(--border);
  }
  .facts > :first-child {
    border: 0;
  }
  .muted > dd {
    color: var(--muted);
  }
  dd .badge::before {
    font-size: 0.75em;
  }
  dd span.info::before {
    content: '●' / '';
  }
  dd span.success::before {
    content: '✓' / '';
  }
  dd span.warning::before {
    content: '▲' / '';
  }
  dd span.danger::before {
    content: '◆' / '';
  }
  details {
    border-block-start: 1px solid var(--border);
  }
  summary {
    padding-block: 10px;
    color: var(--muted);
    cursor: pointer;
  }
  .code {
    max-block-size: 32em;
    overflow: auto;
    padding: 10px;
    border-radius: 8px;
    background: var(--sunken);
    font: 0.8125rem/1.5 var(--mono);
    direction: ltr;
    white-space: pre-wrap;
    tab-size: 2;
  }
  .ask-form {
    display: flex;
    gap: var(--s);
    align-items: end;
    margin-block: 10px;
  }
  .bar {
    position: sticky;
    inset-block-end: 0;
    z-index: 1;
    display: grid;
    gap: var(--s);
    margin-block-start: var(--pad);
    padding: 12px var(--pad);
    border-block-start: 1px solid var(--border);
    border-radius: 0 0 var(--radius) var(--radius);
    background: var(--surface);
    box-shadow: 0 -8px 16px -16px #0009;
  }
  .row {
    display: grid;
    gap: var(--s);
  }
  .hints {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 16px;
  }
  .buttons {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto;
    gap: var(--s);
  }
  .buttons button {
    padding-inline: 0.6em;
  }
  .confirm {
    display: grid;
    align-items: center;
    gap: 2px 12px;
    font-size: 0.875rem;
  }
  #block {
    color: var(--warning);
  }
  .blank {
    padding: calc(var(--s) * 5) var(--pad);
    text-align: center;
  }
  .blank button {
    margin-block-start: var(--pad);
  }
  @container (min-width: 520px) {
    .card {
      --pad: calc(var(--s) * 3.5);
    }
    h2 {
      font-size: 1.75rem;
    }
    .saying:not(.main) {
      display: grid;
      grid-template-columns: 9rem 1fr;
    }
    .fact:not(.wide) {
      display: grid;
      grid-template-columns: 11rem minmax(0, 1fr);
      gap: 16px;
      align-items: baseline;
    }
    .confirm {
      grid-template-columns: auto minmax(6em, 1fr);
    }
    .row {
      grid-template-columns: 1fr auto;
      align-items: end;
    }
    .buttons {
      grid-template-columns: minmax(8.5rem, 1fr) minmax(8.5rem, 1fr) auto;
    }
  }
  @media (max-height: 480px) {
    .bar {
      position: static;
    }
  }
  @media (forced-colors: active) {
    .approve {
      background: ButtonText;
      color: ButtonFace;
      forced-color-adjust: none;
    }
  }
  @media print {
    :host {
      color-scheme: light;
    }
    .bar,
    .ask-form,
    button,
    [part='audit']:not([open]) {
      display: none;
    }
    .card details::details-content {
      content-visibility: visible;
      block-size: auto;
    }
    .card .code {
      max-block-size: none;
      overflow: visible;
    }
  }
`;
