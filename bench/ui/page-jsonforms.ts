/** JSON Forms with its plain renderers: the form of the same schema and data. */
import { JsonForms } from '@jsonforms/react';
import { vanillaCells, vanillaRenderers } from '@jsonforms/vanilla-renderers';
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { measure, type Mount } from './cases.ts';
import { fields } from './data.ts';

const form: Mount = (into, { schema, data }) => {
  const root = createRoot(into);
  const props = { schema, data, renderers: vanillaRenderers, cells: vanillaCells };
  flushSync(() => root.render(createElement(JsonForms, props)));
};

Object.assign(globalThis, {
  measure: (_kind: 'view', size: number) => measure(form, { ...fields(size), items: [] }),
});
