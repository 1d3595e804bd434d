/** rjsf with ajv8: the form of the same schema and data, without its submit button's work. */
import Form from '@rjsf/core';
import validator from '@rjsf/validator-ajv8';
import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import { measure, type Mount } from './cases.ts';
import { fields } from './data.ts';

const form: Mount = (into, { schema, data }) => {
  const root = createRoot(into);
  flushSync(() => root.render(createElement(Form, { schema, formData: data, validator })));
};

Object.assign(globalThis, {
  measure: (_kind: 'view', size: number) => measure(form, { ...fields(size), items: [] }),
});
