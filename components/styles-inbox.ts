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
    justify-content: space-between;
    gap: var(--s);
    margin-block-end: calc(var(--s) * 1.5);
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
  .item {
    display: grid;
    gap: 3px;
    padding: calc(var(--s) * 1.25) calc(var(--s) * 1.75);
    color: inherit;
    text-decoration: none;
    content-visibility: auto;
    contain-intrinsic-size: auto 92px;
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
  .fresh,
  .more {
    inline-size: 100%;
    margin-block-end: var(--s);
  }
  .more {
    margin-block: calc(var(--s) * 1.5) 0;
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
      margin-block-start: var(--s);
    }
  }
`;
