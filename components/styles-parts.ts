/**
 * The looks of what stands in the file of parts: diffs, markdown, trees, the audit trail and the form.
 * Invariant: nothing scrolls sideways from 320 px. A sheet of its own, because the script that loads it has its own Lit.
 */
const css = String.raw;

export const partStyles = new CSSStyleSheet();
partStyles.replaceSync(css`
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
`);
