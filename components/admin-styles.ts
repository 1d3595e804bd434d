/**
 * The looks of the admin pages, above the tokens of the elements: sections of cards, forms, lists, one dialog.
 * Invariant: nothing is wider than its container, from 320 px on; a table becomes a list where it would be.
 */
import { css } from 'lit';

export const adminStyles = css`
  a {
    color: var(--accent);
    text-underline-offset: 0.15em;
  }
  :host {
    container-type: normal;
  }
  h1 {
    font-size: 1.5rem;
    font-weight: 650;
    line-height: 1.2;
    letter-spacing: -0.015em;
  }
  h2 {
    font-size: 1.0625rem;
    font-weight: 650;
  }
  h3 {
    font-size: 1rem;
    font-weight: 600;
  }
  code,
  pre,
  .code {
    font-family: var(--mono);
    font-size: 0.875em;
  }
  .stack {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--s) * 2);
  }
  .intro {
    max-inline-size: 44rem;
    margin-block-start: var(--s);
    color: var(--muted);
  }
  .card {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--s) * 1.5);
    padding: calc(var(--s) * 2) var(--pad);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
  }
  .cards {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--s);
  }
  .top {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: var(--s) calc(var(--s) * 2);
  }
  .top > div:first-child:not(:only-child) {
    flex: 1 1 18rem;
    min-inline-size: 0;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: var(--s);
  }
  .meta {
    display: flex;
    flex-wrap: wrap;
    gap: 2px calc(var(--s) * 2);
    color: var(--muted);
    font-size: 0.875rem;
  }
  .name {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 4px 10px;
  }
  time {
    text-decoration: underline dotted;
    text-underline-offset: 0.2em;
    text-decoration-color: var(--edge);
  }
  .quiet,
  .link {
    padding-inline: 0.8em;
  }
  .link {
    border-color: transparent;
    background: none;
    color: var(--accent);
    font-weight: 500;
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }
  .remove {
    border-color: var(--danger);
    color: var(--danger);
  }
  form {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: calc(var(--s) * 2);
  }
  .field {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 4px;
    max-inline-size: 44rem;
  }
  .field.changed {
    margin-inline-start: calc(var(--s) * -1.5);
    padding-inline-start: calc(var(--s) * 1.5 - 3px);
    border-inline-start: 3px solid var(--warning);
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0 10px;
    min-block-size: 28px;
  }
  .of-rows {
    max-inline-size: none;
  }
  .of-rows .of-rows,
  .inner > .of-json {
    grid-column: 1 / -1;
  }
  .of-rows .card {
    background: var(--sunken);
  }
  .head .faint {
    font-weight: 400;
  }
  .head .link {
    min-block-size: 28px;
    padding: 0 4px;
    font-size: 0.875rem;
  }
  .label,
  legend {
    font-weight: 600;
  }
  .ticked .label {
    padding-block: 10px;
  }
  .help {
    max-inline-size: 44rem;
    color: var(--muted);
    font-size: 0.875rem;
  }
  .error:not(:empty) {
    color: var(--danger);
    font-size: 0.875rem;
    font-weight: 550;
  }
  [aria-invalid='true'] {
    border-color: var(--danger);
  }
  fieldset {
    display: grid;
    gap: var(--s);
    min-inline-size: 0;
    padding: calc(var(--s) * 1.5) 0 0;
    border: 0;
    border-block-start: 1px solid var(--border);
  }
  legend {
    float: inline-start;
    inline-size: 100%;
  }
  .inner {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr));
    align-items: start;
    gap: var(--s) calc(var(--s) * 3);
  }
  .inner.short {
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr));
    gap: var(--s) calc(var(--s) * 2);
  }
  .ticks {
    display: flex;
    flex-wrap: wrap;
    gap: 0 calc(var(--s) * 2.5);
  }
  .ticks p {
    flex-basis: 100%;
  }
  .tick {
    display: inline-flex;
    align-items: center;
    gap: 0.6em;
    min-block-size: 44px;
  }
  [type='checkbox'],
  [type='radio'] {
    flex: none;
    inline-size: 20px;
    min-block-size: 20px;
    margin: 0;
    accent-color: var(--accent);
  }
  .record {
    display: grid;
    gap: var(--s);
  }
  .record .row {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto;
    align-items: center;
    gap: var(--s);
  }
  .record .row:last-child {
    grid-template-columns: minmax(0, 1fr) auto;
  }
  .save {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: flex-end;
    gap: var(--s);
  }
  .save p {
    margin-inline-end: auto;
    color: var(--warning);
    font-weight: 550;
  }
  :host([sticky]) .save.dirty {
    position: sticky;
    inset-block-end: 0;
    margin: 0 calc(var(--pad) * -1) calc(var(--s) * -2);
    padding: calc(var(--s) * 1.25) var(--pad);
    border-block-start: 1px solid var(--border);
    border-end-start-radius: var(--radius);
    border-end-end-radius: var(--radius);
    background: var(--surface);
  }
  :host([sticky]) :is(input, select, textarea, button) {
    scroll-margin-block-end: 96px;
  }
  .notice:not(:empty),
  .alert:not(:empty) {
    border-radius: var(--radius);
  }
  .said > :not(:empty) {
    margin-block-start: calc(var(--s) * 2);
  }
  .gates fieldset {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 0 calc(var(--s) * 2);
    padding-block: 4px;
  }
  .gates legend {
    inline-size: auto;
    flex: 1 1 14rem;
  }
  .gates legend .faint {
    display: block;
    font-weight: 400;
  }
  .dots,
  .notice ul {
    padding-inline-start: 1.2em;
    list-style: disc;
  }
  .secret {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--s);
  }
  .secret input {
    flex: 1 1 16rem;
    min-inline-size: 0;
    font-family: var(--mono);
    font-size: 0.875rem;
  }
  dl {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 2px;
    font-size: 0.9375rem;
  }
  dt {
    color: var(--muted);
    font-size: 0.875rem;
  }
  dd + dt {
    margin-block-start: var(--s);
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375rem;
  }
  caption {
    text-align: start;
    font-weight: 600;
  }
  th {
    color: var(--muted);
    font-size: 0.875rem;
    font-weight: 500;
  }
  th,
  td {
    padding: 6px 12px 6px 0;
    border-block-end: 1px solid var(--border);
    text-align: start;
    vertical-align: top;
  }
  .sum {
    font-size: 1.0625rem;
    font-weight: 600;
  }
  .tiles {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(min(100%, 16rem), 1fr));
    gap: var(--s);
  }
  .tiles a {
    display: block;
    block-size: 100%;
    padding: calc(var(--s) * 1.5) var(--pad);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    color: inherit;
    text-decoration: none;
  }
  .tiles a:hover {
    border-color: var(--edge);
  }
  .tiles b {
    display: block;
    color: var(--accent);
  }
  .empty {
    padding: calc(var(--s) * 3) var(--pad);
    border: 1px dashed var(--edge);
    border-radius: var(--radius);
    color: var(--muted);
    text-align: center;
  }
  pre {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
    padding: var(--s) calc(var(--s) * 1.5);
    border-radius: 6px;
    background: var(--sunken);
  }
  summary {
    padding-block: 10px;
    cursor: pointer;
  }
  summary .name {
    display: inline-flex;
  }
  dialog {
    inline-size: min(32rem, calc(100vw - 32px));
    margin: auto;
    padding: calc(var(--s) * 3);
    border: 1px solid var(--border);
    border-radius: var(--radius);
    background: var(--surface);
    color: var(--text);
  }
  dialog::backdrop {
    background: #0008;
  }
  dialog[open] {
    display: grid;
    gap: calc(var(--s) * 2);
  }
  dialog .buttons {
    justify-content: flex-end;
  }
`;
