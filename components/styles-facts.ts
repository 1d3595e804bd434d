/**
 * The looks of facts: definition lists, pairs, lists, code and tables, which turn into blocks where it is narrow.
 * Invariant: nothing scrolls sideways from 320 px.
 */
import { css } from 'lit';

export const factStyles = css`
  .titled {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: var(--s);
  }
  .fact {
    padding-block: 7px;
    border-block-start: 1px solid var(--border);
  }
  .note {
    margin-inline-start: 0.5em;
    font-size: 0.8125rem;
  }
`;
