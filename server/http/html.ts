/**
 * HTML as text, with every value escaped.
 * INVARIANT: a plain string put into a template can never become markup.
 */

const RAW = Symbol('html');
export type Html = { readonly [RAW]: string };

/** A piece of HTML; strings and numbers are escaped, other pieces and lists of them are taken as they are. */
export function html(
  strings: TemplateStringsArray,
  ...values: (string | number | Html | readonly Html[])[]
): Html {
  const text = strings.map((piece, n) => (n === 0 ? piece : written(values[n - 1]) + piece)).join('');
  return { [RAW]: text };
}

export function textOf(piece: Html): string {
  return piece[RAW];
}

/** Data for a script of the page, as a block that nothing runs; no text in it can end the block. */
export function dataBlock(id: string, value: unknown): Html {
  const json = JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { [RAW]: `<script type="application/json" id="${escape(id)}">${json}</script>` };
}

function written(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return '';
  if (Array.isArray(value)) return (value as readonly Html[]).map(textOf).join('');
  return typeof value === 'object' ? textOf(value as Html) : escape(String(value));
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);
}
