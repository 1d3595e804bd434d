/** Ours, from the sources: the view of an approval with this schema, and the inbox with a client that has the rows. */
import type { ViewClient } from '../../components/api.ts';
import '../../components/human-approval-inbox.ts';
import { sampleApproval } from '../../test/support/sample-approvals.ts';
import { measure, type Mount } from './cases.ts';
import { fields, requests } from './data.ts';

const view: Mount = (into, { schema, data }) => {
  const one = document.createElement('human-approval-view');
  one.approval = sampleApproval({ escalation_schema: schema, params: data });
  into.append(one);
  return one.updateComplete;
};

/** Until the rows are there: the list is asked for and answered as in the page, only without the line between. */
const inbox: Mount = async (into, { items }) => {
  const one = document.createElement('human-approval-inbox');
  one.client = clientWith(items);
  into.append(one);
  while (!one.shadowRoot?.querySelector('.item')) await new Promise((resolve) => setTimeout(resolve));
  // The rest of the rows, which a person asks for by pressing Show more.
  for (let more = button(one); more; more = button(one)) {
    more.click();
    await one.updateComplete;
  }
};

function button(element: HTMLElement): HTMLElement | null {
  return element.shadowRoot?.querySelector<HTMLElement>('.load') ?? null;
}

function clientWith(items: ReturnType<typeof requests>): ViewClient {
  const never = new Promise<never>(() => undefined);
  const page = { items, next_cursor: null, pending_count: items.length };
  return {
    me: () => never,
    events: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never }) }),
    approvals: { list: async () => page } as Partial<ViewClient['approvals']> as ViewClient['approvals'],
  };
}

Object.assign(globalThis, {
  measure: (kind: 'view' | 'inbox', size: number) =>
    kind === 'view'
      ? measure(view, { ...fields(size), items: [] })
      : measure(inbox, { schema: {}, data: {}, items: requests(size) }),
});
