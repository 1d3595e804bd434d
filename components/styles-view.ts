/**
 * The looks that deciding needs, also without the parts: the bar, its fields, and room around what is read. All else is
 * in styles-parts.ts.
 * Invariant: nothing scrolls sideways from 320 px, and the bar never covers more than it must on low screens.
 */
import { css } from 'lit';

export const viewStyles = css`
  :where(.card > *) {
    padding: var(--s) var(--pad) 0;
  }
  .card > .alert {
    position: sticky;
    inset-block-start: 0;
    z-index: 2;
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
  dt {
    color: var(--muted);
  }
  .prose {
    white-space: pre-wrap;
    max-inline-size: 68ch;
  }
  .ask-form {
    display: flex;
    gap: var(--s);
    align-items: end;
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
  .row,
  .other {
    display: grid;
    gap: var(--s);
  }
  .others {
    display: flex;
    flex-wrap: wrap;
    gap: var(--s);
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
`;
