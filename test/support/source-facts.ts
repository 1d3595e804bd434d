/**
 * What the layer test has to know of one TypeScript file, read from its syntax tree: what it imports and which
 * globals it touches. The tree comes from the parser inside Vite (TypeScript 7 has no compiler API), so comments,
 * strings and HTML templates can't be mistaken for code. No scopes are resolved: a file that binds a name like
 * `window` anywhere is taken to mean its own.
 */
import { parseSync, Visitor, type ESTree, type VisitorObject } from 'vite';

interface SourceFacts {
  /** What the parser couldn't read. */
  errors: string[];
  /** Imports and re-exports of any kind, `import()` and inline `import('…')` types included. */
  imports: { target: string; isType: boolean }[];
  /** An `import()` whose target isn't a plain string, and so can't be checked. */
  computedImport: boolean;
  /** `process.env` in any spelling, taken apart or whole. */
  readsEnv: boolean;
  /** `new Date()` without an argument, or `Date()`. */
  readsClock: boolean;
  /** `document` and `window`, where a property of them is read. */
  domGlobals: Set<string>;
}

const DOM_GLOBALS = new Set(['document', 'window']);

/** The facts of `source`; `path` only tells the parser the language. */
export function readSourceFacts(path: string, source: string): SourceFacts {
  const { program, errors } = parseSync(path, source);
  const facts: SourceFacts = {
    errors: errors.map((error) => error.message),
    imports: [],
    computedImport: false,
    readsEnv: false,
    readsClock: false,
    domGlobals: new Set(),
  };
  const bound = new Set<string>();
  new Visitor({ ...importVisitor(facts), ...globalsVisitor(facts), ...bindingVisitor(facts, bound) }).visit(
    program,
  );
  for (const name of bound) facts.domGlobals.delete(name);
  return facts;
}

function importVisitor(facts: SourceFacts): VisitorObject {
  const add = (target: string, isType: boolean): void => {
    facts.imports.push({ target, isType });
  };
  return {
    ImportDeclaration: (node) => {
      const kinds = node.specifiers.map((one) => one.type === 'ImportSpecifier' && one.importKind === 'type');
      add(node.source.value, node.importKind === 'type' || (kinds.length > 0 && kinds.every(Boolean)));
    },
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, node.exportKind === 'type');
    },
    ExportAllDeclaration: (node) => add(node.source.value, node.exportKind === 'type'),
    TSImportType: (node) => add(node.source.value, true),
    ImportExpression: (node) => {
      if (node.source.type === 'Literal' && typeof node.source.value === 'string')
        add(node.source.value, false);
      else facts.computedImport = true;
    },
  };
}

function globalsVisitor(facts: SourceFacts): VisitorObject {
  return {
    NewExpression: (node) => {
      if (nameOf(node.callee) === 'Date' && node.arguments.length === 0) facts.readsClock = true;
    },
    CallExpression: (node) => {
      if (nameOf(node.callee) === 'Date') facts.readsClock = true;
    },
    MemberExpression: (node) => {
      const owner = nameOf(node.object);
      const member = node.property.type === 'Literal' ? String(node.property.value) : nameOf(node.property);
      if (owner === 'process' && member === 'env') facts.readsEnv = true;
      const dom = owner === 'globalThis' ? member : owner;
      if (DOM_GLOBALS.has(dom)) facts.domGlobals.add(dom);
    },
  };
}

function bindingVisitor(facts: SourceFacts, bound: Set<string>): VisitorObject {
  const bindAll = (params: readonly ESTree.ParamPattern[]): void => {
    for (const param of params) for (const name of boundNames(param)) bound.add(name);
  };
  return {
    VariableDeclarator: (node) => {
      if (nameOf(node.init) === 'process' && keysOf(node.id).includes('env')) facts.readsEnv = true;
      for (const name of boundNames(node.id)) bound.add(name);
    },
    FunctionDeclaration: (node) => bindAll(node.params),
    FunctionExpression: (node) => bindAll(node.params),
    ArrowFunctionExpression: (node) => bindAll(node.params),
  };
}

function boundNames(
  pattern: ESTree.ParamPattern | ESTree.BindingPattern | ESTree.BindingRestElement,
): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'AssignmentPattern':
      return boundNames(pattern.left);
    case 'RestElement':
      return boundNames(pattern.argument);
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case 'ObjectPattern':
      return pattern.properties.flatMap((one) => boundNames(one.type === 'Property' ? one.value : one));
    case 'TSParameterProperty':
      return boundNames(pattern.parameter);
  }
}

function keysOf(pattern: ESTree.BindingPattern): string[] {
  if (pattern.type !== 'ObjectPattern') return [];
  return pattern.properties.map((one) => (one.type === 'Property' ? nameOf(one.key) : ''));
}

/** The name of an identifier; empty for every other node, and for none. */
function nameOf(node: { type: string; name?: unknown } | null): string {
  return node?.type === 'Identifier' ? String(node.name) : '';
}
