/**
 * The looks of the view beyond what deciding needs: the hierarchy of its type, the conversation, the outcome, and paper.
 * Invariant: nothing scrolls sideways from 320 px. A sheet of its own, because the script that loads it has its own Lit.
 */
import { kindStyles } from './styles-kinds.ts';

const css = String.raw;

const restStyles = css`
  :where(.card > *) {
    --tone: initial;
    padding: 0;
  }
  .strip {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 6px 12px;
    padding: var(--pad) var(--pad) 0;
    font-size: 0.875rem;
    color: var(--muted);
  }
  .strip .icon {
    margin-inline-end: 0.35em;
  }
  .strip > :nth-child(3) {
    margin-inline-start: auto;
  }
  .ask {
    padding: var(--pad) var(--pad) 0;
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
    color: var(--muted);
    font-size: 0.9375rem;
  }
  .who b {
    font-weight: 600;
    color: var(--text);
  }
  .hero {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 40px;
    padding: calc(var(--s) * 2.5) var(--pad) 0;
  }
  dt,
  h4 {
    color: var(--muted);
    font-size: 0.875rem;
    font-weight: 400;
  }
  .hero dd {
    color: var(--tone, inherit);
    font-size: 1.625rem;
    font-weight: 600;
    line-height: 1.2;
    letter-spacing: -0.015em;
    font-variant-numeric: tabular-nums;
  }
  h3 {
    font-size: 1rem;
    font-weight: 650;
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
  .outcome {
    padding: var(--pad);
    border-radius: var(--radius);
    background: var(--sunken);
  }
  .outcome h3 {
    color: var(--tone, inherit);
    font-size: 1.125rem;
  }
  h4,
  .run,
  .outcome .changes {
    margin-block-start: 10px;
  }
  .changes {
    font-variant-numeric: tabular-nums;
  }
  .changes li {
    display: flex;
    flex-wrap: wrap;
    gap: 0 0.6em;
  }
  .changes li > :first-child,
  del {
    color: var(--muted);
  }
  ins {
    font-weight: 600;
    text-decoration: none;
  }
  .thread {
    display: grid;
    gap: 12px;
    margin-block: 10px;
  }
  .message {
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--accent);
  }
  .message.answer {
    border-color: var(--border);
  }
  .message.context_answer {
    border-inline-start: 2px dashed var(--edge);
  }
  .author {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 2px 8px;
    font-size: 0.875rem;
  }
  details {
    border-block-start: 1px solid var(--border);
  }
  summary {
    padding-block: 10px;
    color: var(--muted);
    cursor: pointer;
  }
  .hints {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 16px;
  }
  .settle {
    display: grid;
    gap: var(--s);
    margin-block-start: var(--pad);
  }
  @container (min-width: 520px) {
    .confirm {
      grid-template-columns: auto minmax(6em, 1fr);
    }
    .card {
      --pad: calc(var(--s) * 3.5);
    }
    h2 {
      font-size: 1.75rem;
    }
    .hero dd {
      font-size: 2rem;
    }
    .saying:not(.main) {
      display: grid;
      grid-template-columns: 9rem 1fr;
    }
    .row {
      grid-template-columns: 1fr auto;
      align-items: end;
    }
    .buttons {
      grid-template-columns: minmax(8.5rem, 1fr) minmax(8.5rem, 1fr) auto;
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

export const partStyles = new CSSStyleSheet();
partStyles.replaceSync(restStyles + kindStyles);
