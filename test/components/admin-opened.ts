/** An admin page opened on the fake client, and the hands of who uses it. */
import { fixture, html, waitUntil } from '@open-wc/testing';
import type { AdminForm } from '../../components/admin-form.ts';
import type { HumanAdmin } from '../../components/human-admin.ts';
import '../../components/human-admin.ts';
import { fakeAdmin, type FakeAdmin } from './fake-admin.ts';

export const doc: unknown = await (await fetch('/docs/openapi.json')).json();

export type Opened = { fake: FakeAdmin; admin: HumanAdmin; section: HTMLElement; root: ShadowRoot };

export async function open(
  name: string,
  item: string | null = null,
  change: (fake: FakeAdmin) => void = () => undefined,
): Promise<Opened> {
  const fake = fakeAdmin(doc);
  change(fake);
  const admin = await fixture<HumanAdmin>(
    html`<human-admin .section=${name} .item=${item} .client=${fake.client}></human-admin>`,
  );
  const section = admin.shadowRoot?.querySelector<HTMLElement>('main > *');
  const root = section?.shadowRoot ?? admin.shadowRoot;
  if (!section || !root) throw new Error('There is no section.');
  if (section.shadowRoot) await waitUntil(() => !root.textContent?.includes('Reading…'));
  return { fake, admin, section, root };
}

export function press(root: ParentNode, words: string): void {
  const button = [...root.querySelectorAll<HTMLElement>('button')].find((one) =>
    one.textContent?.replaceAll(/\s+/g, ' ').trim().startsWith(words),
  );
  if (!button) throw new Error(`There is no button ${words}.`);
  button.click();
}

export async function formOf(root: ParentNode, n = 0): Promise<{ form: AdminForm; inside: ShadowRoot }> {
  await waitUntil(() => root.querySelectorAll('admin-form').length > n);
  const form = root.querySelectorAll('admin-form')[n];
  await form?.updateComplete;
  if (!form?.shadowRoot) throw new Error('There is no form.');
  return { form, inside: form.shadowRoot };
}

export function fieldOf(inside: ShadowRoot, label: string): HTMLInputElement {
  const name = [...inside.querySelectorAll('label')].find((one) => one.textContent?.trim().startsWith(label));
  const input = name && inside.getElementById(name.htmlFor);
  if (!input) throw new Error(`There is no field ${label}.`);
  return input as HTMLInputElement;
}

export function type(inside: ShadowRoot, label: string, text: string): void {
  const input = fieldOf(inside, label);
  input.value = text;
  input.dispatchEvent(new Event('input'));
}

export const textOf = (root: ParentNode): string =>
  (root as ShadowRoot).textContent?.replaceAll(/\s+/g, ' ') ?? '';
