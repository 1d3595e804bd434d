/**
 * The looks of the inbox: a list, and beside it (from 900 px) or in its place (below) the view.
 */
import { css } from 'lit';

export const inboxStyles = css`
  .shell {
    background: var(--ha-ground, light-dark(#f1f2f5, #0e1014));
    min-block-size: 100%;
  }
  .list {
    padding: calc(var(--s) * 2) var(--pad);
  }
  .head {
    display: flex;
    align-items: baseline;
    gap: calc(var(--s) * 1.5);
    margin-block-end: calc(var(--s) * 1.5);
  }
  .head .keys {
    margin-inline-start: auto;
  }
  h1 {
    margin: 0;
    font-size: 1.375rem;
    font-weight: 650;
    letter-spacing: -0.012em;
  }
  .filters {
    display: grid;
    grid-template-columns: 1fr 1fr;
    gap: var(--s);
    margin-block-end: calc(var(--s) * 1.5);
  }
  .filters label {
    display: grid;
    gap: 2px;
    font-size: 0.8125rem;
    color: var(--muted);
  }
  .filters select {
    font-size: 0.9375rem;
    color: var(--text);
  }
  .rows {
    display: grid;
    gap: var(--s);
  }
  .rows li {
    display: flex;
    align-items: center;
    content-visibility: auto;
    contain-intrinsic-size: auto 92px;
  }
  .rows .item {
    flex: 1;
    min-inline-size: 0;
  }
  .pick {
    display: grid;
    place-items: center;
    flex: none;
    inline-size: 44px;
    min-block-size: 44px;
    margin-inline-start: calc(var(--s) * -1);
    cursor: pointer;
  }
  [type='checkbox'] {
    inline-size: 20px;
    min-block-size: 20px;
    margin: 0;
    accent-color: var(--accent);
  }
  .group {
    margin-block: calc(var(--s) * 2) var(--s);
    font-size: 0.875rem;
    font-weight: 600;
  }
  .group .faint {
    font-weight: 400;
  }
  .pill {
    position: sticky;
    inset-block-start: var(--s);
    z-index: 2;
    display: grid;
    justify-content: center;
    block-size: 0;
  }
  .fresh {
    border-radius: 999px;
    box-shadow: 0 2px 10px #0004;
  }
  .batch {
    position: sticky;
    inset-block-end: 0;
    z-index: 2;
    display: grid;
    grid-template-columns: auto 1fr 1fr;
    align-items: center;
    gap: var(--s);
    margin: var(--s) calc(var(--pad) * -1) calc(var(--s) * -2);
    padding: 12px var(--pad);
    border-block-start: 1px solid var(--border);
    background: var(--surface);
  }
  .batch .count {
    grid-column: 1 / -1;
    font-size: 0.875rem;
    color: var(--muted);
  }
  .batch button {
    padding-inline: 0.7em;
  }
  .sheet {
    display: grid;
    gap: calc(var(--s) * 2);
    padding: calc(var(--s) * 3) var(--pad);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .sheet h2 {
    font-size: 1.375rem;
    font-weight: 650;
    line-height: 1.25;
  }
  .totals {
    display: flex;
    flex-wrap: wrap;
    gap: 12px 40px;
  }
  .totals dt {
    color: var(--muted);
    font-size: 0.875rem;
  }
  .totals dd:not(.small) {
    font-size: 1.625rem;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .totals .warning {
    color: var(--tone);
    font-size: 0.875rem;
  }
  .chip {
    display: inline-block;
    margin: 2px 6px 2px 0;
    padding: 0.1em 0.5em;
    border-radius: 6px;
    background: var(--sunken);
  }
  .sheet .alert {
    border-radius: var(--radius);
  }
  .lines {
    max-block-size: 40dvh;
    overflow: auto;
  }
  .lines li {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 10px;
    padding-block: 8px;
    border-block-start: 1px solid var(--border);
  }
  .sheet .buttons {
    display: grid;
    grid-auto-columns: minmax(0, 14rem);
    grid-auto-flow: column;
    justify-content: end;
    gap: var(--s);
  }
  .help {
    margin-block-end: calc(var(--s) * 2);
    padding: 12px;
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    font-size: 0.875rem;
  }
  .help div {
    display: grid;
    grid-template-columns: 6.5rem 1fr;
  }
  kbd {
    font-family: var(--mono);
  }
  .filters details {
    grid-column: 1 / -1;
  }
  .filters summary {
    padding-block: 8px;
    color: var(--muted);
    font-size: 0.875rem;
    cursor: pointer;
  }
  .filters .tick {
    display: flex;
    align-items: center;
    gap: 0.6em;
    min-block-size: 44px;
    align-self: end;
  }
  .item {
    display: grid;
    gap: 3px;
    padding: calc(var(--s) * 1.25) calc(var(--s) * 1.75);
    color: inherit;
    text-decoration: none;
  }
  .item:hover {
    border-block-color: var(--edge);
    border-inline-end-color: var(--edge);
  }
  .item[aria-current] {
    border-block-color: var(--accent);
    border-inline-end-color: var(--accent);
    background: color-mix(in srgb, var(--accent) 6%, var(--surface));
  }
  .item.done {
    --tone: var(--muted);
    border-inline-start-color: var(--border);
    background: transparent;
  }
  .done .title {
    color: var(--muted);
  }
  .top {
    display: flex;
    justify-content: space-between;
    gap: calc(var(--s) * 1.5);
    font-size: 0.8125rem;
    color: var(--muted);
  }
  .key {
    font-size: 0.875rem;
    color: var(--muted);
  }
  .key b {
    color: var(--text);
    font-weight: 600;
  }
  .when {
    flex: none;
    max-inline-size: 60%;
    text-align: end;
    font-variant-numeric: tabular-nums;
  }
  .agent {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .risk {
    color: var(--tone);
    font-weight: 550;
  }
  .title {
    display: -webkit-box;
    overflow: hidden;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 2;
    font-weight: 600;
    line-height: 1.35;
  }
  .load {
    inline-size: 100%;
    margin-block-start: calc(var(--s) * 1.5);
  }
  .empty {
    padding: calc(var(--s) * 6) var(--pad);
    text-align: center;
    color: var(--muted);
  }
  .empty b {
    display: block;
    font-size: 1.0625rem;
    color: var(--text);
  }
  .detail {
    padding: calc(var(--s) * 1.5) 0 0;
  }
  .back {
    display: inline-flex;
    align-items: center;
    gap: 0.4em;
    margin: 0 var(--pad) calc(var(--s) * 1.5);
  }
  .keys {
    display: none;
  }
  .opened .list {
    display: none;
  }
  .shell:not(.opened) .detail {
    display: none;
  }
  @container (min-width: 900px) {
    .shell {
      background: var(--ha-ground, light-dark(#f1f2f5, #0e1014));
      display: grid;
      grid-template-columns: 380px minmax(0, 1fr);
    }
    .shell .list,
    .shell:not(.opened) .detail,
    .opened .list {
      display: block;
    }
    .list {
      position: sticky;
      inset-block-start: 0;
      align-self: start;
      max-block-size: 100dvh;
      overflow: auto;
    }
    .detail {
      padding: calc(var(--s) * 2.5) calc(var(--s) * 3) calc(var(--s) * 3) var(--s);
      padding-inline: var(--s) calc(var(--s) * 3);
    }
    .back {
      display: none;
    }
    .keys {
      display: block;
    }
  }
`;
