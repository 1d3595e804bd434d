/**
 * What is measured in the page: each case draws its work into an empty element and says when it is drawn.
 * Runs in the browser only; bench/ui.ts bundles it, one bundle per library, so that none pays for another.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { Work } from './data.ts';

export type Mount = (into: HTMLElement, work: Work & { items: Approval[] }) => Promise<unknown> | void;
export type Measured = { mount_ms: number; paint_ms: number; elements: number; shift: number };

const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));

/** Mounts once in a fresh element; paint is the second frame after the call. */
export async function measure(mount: Mount, work: Work & { items: Approval[] }): Promise<Measured> {
  const into = document.createElement('div');
  document.body.append(into);
  let shift = 0;
  await frame();
  await frame();
  const from = performance.now();
  await mount(into, work);
  const mount_ms = performance.now() - from;
  await frame();
  await frame();
  const paint_ms = performance.now() - from;
  const watch = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) shift += (entry as unknown as { value: number }).value;
  });
  watch.observe({ type: 'layout-shift', buffered: false });
  for (let n = 0; n < 10; n++) await frame();
  watch.disconnect();
  const elements = count(into);
  into.remove();
  return { mount_ms, paint_ms, elements, shift };
}

function count(root: ParentNode): number {
  const all = [...root.querySelectorAll('*')];
  return all.reduce((sum, one) => sum + 1 + (one.shadowRoot ? count(one.shadowRoot) : 0), 0);
}
