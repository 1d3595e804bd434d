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
  .facts > :first-child {
    border: 0;
  }
  .titled + .facts,
  h3 + .facts {
    margin-block-start: 4px;
  }
  .headline > dd {
    font-weight: 600;
  }
  .muted > dd {
    color: var(--muted);
  }
  bdi[class],
  .num,
  .note {
    color: var(--tone, inherit);
  }
  .note {
    margin-inline-start: 0.5em;
    font-size: 0.8125rem;
  }
  dd span:is(.info, .success, .warning, .danger):not(.note)::before {
    margin-inline-end: 0.35em;
    content: '●' / '';
  }
  dd span.success:not(.note)::before {
    content: '✓' / '';
  }
  dd span.warning:not(.note)::before {
    content: '▲' / '';
  }
  dd span.danger:not(.note)::before {
    content: '◆' / '';
  }
  dd .badge::before {
    margin-inline-end: 0;
    font-size: 0.75em;
  }
  .group h4,
  .group > summary {
    color: var(--tone, var(--text));
    font-weight: 600;
  }
  dd details {
    margin: 0;
    padding: 0;
    border: 0;
  }
  .wide > dt {
    margin-block-end: 4px;
  }
  .group + *,
  .titled + .group {
    margin-block-start: var(--pad);
  }
  @container (max-width: 519px) {
    .fact .facts {
      padding-inline-start: var(--pad);
      border-inline-start: 1px solid var(--border);
    }
  }
  @container (min-width: 520px) {
    .fact:not(.wide) {
      display: grid;
      grid-template-columns: 11rem minmax(0, 1fr);
      gap: 16px;
      align-items: baseline;
    }
    .fact .fact:not(.wide) {
      grid-template-columns: 9rem minmax(0, 1fr);
    }
    .fact dd .fact:first-child {
      padding-block-start: 0;
    }
  }
`;
