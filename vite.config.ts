/**
 * Builds the browser part: minified ES modules with fixed names, one for each element and one for their parts, the
 * page's style sheet, an ESM file per element with `lit` as its dependency, and the data that editors read.
 *
 * Invariant: each element's script works from one tag and imports nothing but its parts, at run time, from beside itself;
 * and dist/ is not emptied, because tsc writes its part there too.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { editorData, manifest } from './components/elements.ts';
import { minify } from 'terser';
import { defineConfig, type EnvironmentOptions, type Plugin } from 'vite';

/** By the name of their environment, which takes no hyphen. */
const SCRIPTS = {
  view: 'human-approval-view',
  inbox: 'human-approval-inbox',
  parts: 'human-approval-parts',
  german: 'human-approval-words-de',
};
/** The scripts of pages of ours; nothing to embed elsewhere. */
const PAGE_SCRIPTS = { review: 'review-page', admin: 'human-admin' };

/** The parts of Lit that the elements use, so that the whole fits its budget: decision 0008. */
const slim = (name: string): string => fileURLToPath(new URL(`components/slim-${name}.ts`, import.meta.url));

function script(name: string): EnvironmentOptions {
  return {
    consumer: 'client',
    build: {
      outDir: 'dist',
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      target: 'es2022',
      minify: false,
      rolldownOptions: {
        input: { [name]: `components/${name}.ts` },
        preserveEntrySignatures: 'strict',
        checks: { pluginTimings: false },
        output: { format: 'es', entryFileNames: '[name].js', codeSplitting: false },
      },
    },
  };
}

type Node = { type: string; start: number; end: number; tag?: { name?: string }; quasi?: { quasis: Node[] } };

/**
 * Takes the indentation out of html and css templates, which a minifier must leave alone because it can't know what
 * they are. Whitespace in html is made one space and never removed, so no two words grow together.
 */
export const tightTemplates: Plugin = {
  name: 'tight-templates',
  transform: {
    filter: { id: /\/components\/[\w-]+\.ts$/ },
    handler(source) {
      const edits: { start: number; end: number; text: string }[] = [];
      walk(this.parse(source, { lang: 'ts' }), (node) => {
        const tight = node.tag?.name === 'css' ? tightCss : node.tag?.name === 'html' ? tightHtml : null;
        for (const { start, end } of (tight && node.quasi?.quasis) || []) {
          // The range of a quasi holds its text and, with some parsers, its delimiters; those hold no whitespace.
          if (tight) edits.push({ start, end, text: tight(source.slice(start, end)) });
        }
      });
      let code = source;
      for (const { start, end, text } of edits.toSorted((a, b) => b.start - a.start)) {
        code = code.slice(0, start) + text + code.slice(end);
      }
      return { code, map: null };
    },
  },
};

function walk(node: unknown, visit: (node: Node) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if ('type' in node && node.type === 'TaggedTemplateExpression') visit(node as Node);
  for (const inner of Object.values(node)) walk(inner, visit);
}

function tightCss(text: string): string {
  return text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/ ([*+]) (?=[^;}]*\{)| (\*) /g, '$1$2')
    .replace(/: /g, ':')
    .replace(/\b0\./g, '.')
    .replaceAll(';}', '}');
}

/** Beside the tags of blocks, and inside of a drawing, a space is never seen. */
const BLOCK =
  'article|section|header|footer|div|d[ldt]|[uo]l|li|p|h\\d|table|t(?:head|body|r|d|h)|details|summary|form|pre|blockquote|option|rect|circle|path|slot';
const BESIDE_BLOCK = new RegExp(` ?(</?(?:${BLOCK})\\b[^<>]*>|<(?:${BLOCK})\\b[^<>]*$) ?`, 'g');

function tightHtml(text: string): string {
  return text.replace(/\s+/g, ' ').replace(BESIDE_BLOCK, '$1');
}

/** The self-contained files take the parts of Lit that they use. */
export const slimLit: Plugin = {
  name: 'slim-lit',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name !== 'esm',
  resolveId(source) {
    if (source !== 'lit') return null;
    return slim(this.environment.name === 'parts' ? 'html' : 'lit');
  },
};

/** What the elements' scripts leave to their parts, from this file of the core on: decision 0019. */
const RICH = '/card-rich.ts';

/** The scripts start without what only richer schemas ask for, and get it with their parts. */
export const lateRich: Plugin = {
  name: 'late-rich',
  enforce: 'pre',
  applyToEnvironment: ({ name }) => name === 'view' || name === 'inbox',
  resolveId: (source) =>
    source.endsWith(RICH) ? fileURLToPath(new URL('components/late-rich.ts', import.meta.url)) : null,
};

/**
 * What is loaded on demand stays a file of its own beside the script, by a name that a host's bundler can resolve too.
 * Put in at the end, because Vite would wrap the import in its preloading, which these files have no use for.
 */
const partsBeside: Plugin = {
  name: 'parts-beside',
  enforce: 'pre',
  transform: {
    filter: { id: /\/components\/parts\.ts$/ },
    handler: (source) => ({
      code: source.replace(`await import('./${SCRIPTS.parts}.ts')`, 'await LOAD_PARTS()'),
      map: null,
    }),
  },
  renderChunk: (code) => ({
    code: code.replace('LOAD_PARTS()', `import('./${SCRIPTS.parts}.js')`),
    map: null,
  }),
};

/** Minifies the scripts with Terser, at the very end, when the import of the parts has its published name. */
const small: Plugin = {
  name: 'small',
  applyToEnvironment: ({ name }) => name !== 'esm',
  async generateBundle(_, bundle) {
    for (const file of Object.values(bundle))
      if (file.type === 'chunk') file.code = await minified(file.code);
  },
};

/** What only the elements and their base classes call themselves; no page and no other file knows these names. */
const OURS =
  /^(_state|_draft|_now|declared|named|cardOptions|nowBy|ownClient|showStates|focusIn|needsParts|mayDecide|mayAsk|mayEdit|mayReadAudit|adopt|tell|drawn|readMessages|left_s|shut|leaf_count|by_agent|on_behalf_of)$/;

async function minified(code: string): Promise<string> {
  const { code: short = '' } = await minify(code, {
    module: true,
    ecma: 2020,
    mangle: { properties: { regex: OURS } },
    compress: {
      passes: 3,
      keep_fargs: false,
      unsafe_arrows: true,
      pure_getters: true,
      inline: 1,
    },
  });
  // What never changes may as well be declared as what may: one word for both.
  return short.replaceAll(/\bconst /g, 'let ');
}

/** An ESM file per element, with `lit` left to the page's own bundler or import map, and React components. */
const ESM: EnvironmentOptions = {
  consumer: 'client',
  build: {
    outDir: 'dist/esm',
    emptyOutDir: true,
    copyPublicDir: false,
    modulePreload: false,
    target: 'es2022',
    minify: false,
    rolldownOptions: {
      input: Object.fromEntries(
        [...Object.values(SCRIPTS), 'react'].map((name) => [name, `components/${name}.ts`]),
      ),
      external: /^lit(\/|$)/,
      preserveEntrySignatures: 'strict',
      checks: { pluginTimings: false },
      output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'shared-[hash].js' },
    },
  },
};

/** What editors and documentation read about the elements. */
const elementData: Plugin = {
  name: 'element-data',
  applyToEnvironment: ({ name }) => name === 'view',
  generateBundle() {
    const { html, css } = editorData();
    const files = {
      'custom-elements.json': manifest(),
      'vscode.html-custom-data.json': html,
      'vscode.css-custom-data.json': css,
    };
    for (const [fileName, data] of Object.entries(files)) {
      this.emitFile({ type: 'asset', fileName, source: `${JSON.stringify(data, null, 2)}\n` });
    }
  },
};

/** The pages' few global rules; the elements bring their own. */
const pageStyles: Plugin = {
  name: 'page-styles',
  applyToEnvironment: ({ name }) => name === 'view',
  async generateBundle() {
    for (const fileName of ['page.css', 'review-page.css', 'review-form.css']) {
      const source = await readFile(new URL(`components/${fileName}`, import.meta.url), 'utf8');
      this.emitFile({ type: 'asset', fileName, source });
    }
  },
};

export default defineConfig({
  appType: 'custom',
  plugins: [slimLit, lateRich, partsBeside, small, tightTemplates, pageStyles, elementData],
  environments: {
    view: script(SCRIPTS.view),
    inbox: script(SCRIPTS.inbox),
    parts: script(SCRIPTS.parts),
    german: script(SCRIPTS.german),
    review: script(PAGE_SCRIPTS.review),
    admin: script(PAGE_SCRIPTS.admin),
    esm: ESM,
  },
  builder: {
    async buildApp(builder) {
      for (const name of [...Object.keys(SCRIPTS), ...Object.keys(PAGE_SCRIPTS), 'esm']) {
        const environment = builder.environments[name];
        if (environment) await builder.build(environment);
      }
    },
  },
});
