/**
 * Whether the end of the details was in sight: what high and critical risk ask for before approving.
 * Invariant: it is seen only above the decision bar, and anew for each request.
 */
export type Eye = { watch(root: ParentNode, wanted: boolean): void; shut(): void };

/** Room for the bar, in px: behind it nothing is seen. */
const BAR = '0px 0px -96px';

export function createEye(seen: () => void): Eye {
  let eye: IntersectionObserver | null = null;
  const look = (entries: IntersectionObserverEntry[]): void => {
    if (entries.some((one) => one.isIntersecting)) seen();
  };
  return {
    watch: (root, wanted) => {
      const end = wanted && root.querySelector('#end');
      if (!end) return;
      eye ??= new IntersectionObserver(look, { rootMargin: BAR });
      eye.observe(end);
    },
    shut: () => eye?.disconnect(),
  };
}
