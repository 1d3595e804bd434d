/**
 * The script of the review page: shows the approval in the component, in the place of the plain card.
 * INVARIANT: it reads the page's own data block and uses no network; it touches no form and presses nothing.
 * Where anything is missing, or the component can't be loaded, the plain card stays.
 */
import type { Approval } from '../schemas/approval.ts';

const place = document.getElementById('reading');
const data = document.getElementById('approval')?.textContent;

if (place && data) {
  const view = document.createElement('human-approval-view');
  await customElements.whenDefined('human-approval-view');
  // What may be done is said by the form below it.
  view.setAttribute('readonly', 'silent');
  Object.assign(view, { approval: JSON.parse(data) as Approval });
  place.replaceChildren(view);
}
