/**
 * The widgets that few requests have: diffs, markdown and trees. Without them (parts.ts) their texts are set as they are.
 * Invariant: nodes and text only, never markup from the data.
 */
import { html, type TemplateResult } from 'lit';
import type { CardFact } from '../server/core/card-facts.ts';
import { humanised, jsonText } from '../server/core/card-text.ts';
import { diffLines } from '../server/core/line-diff.ts';
import { markdownBlocks, type MdBlock, type MdInline } from '../server/core/markdown.ts';
import { anchor, code } from './widget-text.ts';

/** Line by line, with the sign as text, so that colour only repeats it. */
export function diff({ text }: CardFact): TemplateResult {
  const lines = diffLines(text).map(({ sign, text: line }) =>
    sign === '+'
      ? html`<ins>+ ${line}</ins>`
      : sign === '-'
        ? html`<del>- ${line}</del>`
        : html`<span class=${sign === '@' ? 'faint' : ''}>${sign === '@' ? '' : '  '}${line}</span>`,
  );
  return html`<pre class="code diff" tabindex="0">${lines}</pre>`;
}

export function markdown({ text }: CardFact): TemplateResult {
  return html`<div class="prose md" dir="auto">${markdownBlocks(text).map(block)}</div>`;
}

function block(node: MdBlock): TemplateResult {
  switch (node.block) {
    case 'p':
      return html`<p>${spans(node.in)}</p>`;
    // No heading of the page: an agent's words do not make its outline.
    case 'h':
      return html`<p><b>${spans(node.in)}</b></p>`;
    case 'quote':
      return html`<blockquote>${spans(node.in)}</blockquote>`;
    case 'ul':
      return html`<ul>
        ${items(node.items)}
      </ul>`;
    case 'ol':
      return html`<ol>
        ${items(node.items)}
      </ol>`;
    case 'code':
      return code(node.text);
    case 'hr':
      return html`<hr />`;
    default:
      return node satisfies never;
  }
}

function items(list: readonly MdInline[][]): TemplateResult[] {
  return list.map((item) => html`<li>${spans(item)}</li>`);
}

function spans(nodes: readonly MdInline[]): unknown[] {
  return nodes.map((node) => {
    if (typeof node === 'string') return node;
    const inside = spans(node.in);
    switch (node.mark) {
      case 'link':
        return anchor(node.href, node.host, inside);
      case 'strong':
        return html`<b>${inside}</b>`;
      case 'em':
        return html`<em>${inside}</em>`;
      case 'del':
        return html`<del>${inside}</del>`;
      case 'code':
        return html`<code>${inside}</code>`;
      default:
        return node satisfies never;
    }
  });
}

/** Beyond this a tree is slower to draw and to read than its text. */
const MAX_TREE_CHARS = 20_000;
/** Deeper branches would be set in outside of a narrow screen; they are written as text. */
const MAX_TREE_DEPTH = 6;

/** Nested data that folds; its first two levels are open. */
export function tree(value: unknown): TemplateResult {
  const text = jsonText(value);
  return text.length > MAX_TREE_CHARS
    ? code(text)
    : html`<ul class="tree">
        ${branches(value, 0)}
      </ul>`;
}

function branches(value: unknown, depth: number): TemplateResult[] {
  return Object.entries(value as object).map(([name, inner]: [string, unknown]) => {
    const key = Array.isArray(value) ? Number(name) + 1 : humanised(name);
    const size = typeof inner === 'object' && inner !== null ? Object.keys(inner).length : 0;
    return size === 0
      ? html`<li><span class="faint">${key}</span> <bdi>${jsonText(inner)}</bdi></li>`
      : html`<li>
          <details ?open=${depth < 1}>
            <summary><span class="faint">${key} (${size})</span></summary>
            ${
              depth < MAX_TREE_DEPTH
                ? html`<ul class="tree">
                    ${branches(inner, depth + 1)}
                  </ul>`
                : code(jsonText(inner))
            }
          </details>
        </li>`;
  });
}
