/**
 * The looks of facts by their kind: groups, pairs, lists, code, diffs, markdown, trees and tables, which turn into blocks
 * where it is narrow; and the fields of the form.
 * Invariant: nothing scrolls sideways from 320 px.
 */
const css = String.raw;

export const kindStyles = css`
  a {
    color: var(--accent);
    text-underline-offset: 0.15em;
  }
  .num,
  .note {
    color: var(--tone, inherit);
  }
  .note {
    margin-inline-start: 0.5em;
    font-size: 0.8125rem;
  }
  dd span:not(.badge)::before {
    margin-inline-end: 0.35em;
  }
  dd span.note.note::before {
    content: none;
  }
  .headline > dd {
    font-weight: 600;
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
    .checks.wordy > li > :first-child {
      flex-basis: 100%;
    }
    .fact .facts {
      padding-inline-start: var(--pad);
      border-inline-start: 1px solid var(--border);
    }
  }
  @container (min-width: 520px) {
    .fact .fact:not(.wide) {
      grid-template-columns: 9rem minmax(0, 1fr);
    }
    .fact dd .fact:first-child {
      padding-block-start: 0;
    }
  }
  .compare {
    display: inline-flex;
    flex-wrap: wrap;
    gap: 0.5em;
  }
  .compare > :first-child {
    color: var(--muted);
  }
  .compare > :first-child :is(bdi, a) {
    text-decoration: line-through;
  }
  .compare > :last-child {
    font-weight: 600;
  }
  .outcome .code {
    background: var(--surface);
  }
  ul.list {
    padding-inline-start: 1.25em;
    list-style: disc;
  }
  ul.list.groups {
    padding: 0;
    list-style: none;
  }
  .groups > li + li {
    margin-block-start: var(--pad);
  }
  .entity details {
    display: inline-block;
  }
  .tags,
  .checks > li,
  .entity {
    display: flex;
    flex-wrap: wrap;
    gap: 4px 8px;
  }
  .checks > li,
  .entity {
    align-items: baseline;
    gap: 2px 16px;
  }
  .checks > li > :first-child {
    flex: 1 1 9rem;
  }
  .checks {
    max-inline-size: 34rem;
  }
  .checks > li + li {
    margin-block-start: 6px;
  }
  .tags > li {
    padding: 0 0.5em;
    border: 1px solid var(--border);
    border-radius: 6px;
    font-size: 0.875rem;
  }
  .meter {
    inline-size: 6rem;
    block-size: 8px;
    margin-inline-end: 0.6em;
    fill: var(--border);
  }
  .meter > .full {
    fill: var(--tone, var(--accent));
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
  }
  th {
    color: var(--muted);
    font-size: 0.8125rem;
    font-weight: 400;
    text-align: start;
  }
  .end {
    text-align: end;
  }
  td,
  th {
    padding-block: 6px;
    padding-inline-end: 16px;
    border-block-end: 1px solid var(--border);
    vertical-align: top;
  }
  td:last-child,
  th:last-child {
    padding-inline-end: 0;
  }
  tr:last-child td {
    border: 0;
  }
  .host {
    margin-inline-start: 0.5em;
    font-size: 0.8125rem;
  }
  .host {
    display: inline-block;
    color: var(--muted);
  }
  @container (max-width: 519px) {
    thead {
      position: absolute;
      clip-path: inset(50%);
    }
    tr {
      display: block;
      padding-block: 6px;
      border-block-end: 1px solid var(--border);
    }
    td {
      display: flex;
      justify-content: space-between;
      gap: 16px;
      padding: 2px 0;
      border: 0;
      text-align: end;
    }
    td::before {
      flex: none;
      max-inline-size: 40%;
      content: attr(data-label) / '';
      color: var(--muted);
      font-size: 0.875rem;
      text-align: start;
    }
  }
  @container (min-width: 520px) {
    .short {
      overflow-wrap: normal;
    }
  }
  .diff > * {
    display: block;
    text-decoration: none;
    font-weight: 400;
  }
  .diff > ins {
    --tone: var(--success);
  }
  .diff > del {
    --tone: var(--danger);
  }
  .diff > :is(ins, del) {
    margin-inline: -10px;
    padding-inline: 10px;
    background: color-mix(in srgb, var(--tone) 12%, var(--sunken));
    color: var(--tone);
  }
  .md {
    white-space: normal;
  }
  .md > * + * {
    margin-block-start: var(--s);
  }
  .md :is(ul, ol) {
    padding-inline-start: 1.25em;
    list-style: disc;
  }
  .md ol {
    list-style: decimal;
  }
  .md :is(p, li) {
    white-space: pre-line;
  }
  blockquote {
    padding-inline-start: 12px;
    border-inline-start: 2px solid var(--border);
  }
  code {
    font: 0.875em var(--mono);
  }
  .tree .tree {
    padding-inline-start: 16px;
    border-inline-start: 1px solid var(--border);
  }
  .edit {
    display: block;
    max-inline-size: 32rem;
  }
  .trail li {
    display: grid;
    grid-template-columns: 1.75rem 1fr;
    margin-block: var(--s);
  }
  .tick {
    display: inline-flex;
    align-items: center;
    gap: 0.5em;
    min-block-size: 44px;
    margin-inline-end: 1em;
  }
  .tick input {
    inline-size: 1.25em;
    min-block-size: 1.25em;
    accent-color: var(--accent);
  }
  [aria-invalid='true'] {
    border-color: var(--danger);
  }
  .edit .note {
    display: block;
    margin: 2px 0 0;
  }
  .rows-edit {
    display: flex;
    flex-wrap: wrap;
    gap: var(--s);
  }
`;
