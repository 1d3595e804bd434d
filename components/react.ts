/**
 * The elements as React components: properties as props, events as `onApprovalDecided` and the like.
 * Invariant: no React in this package's runtime tree; the page hands in its own, of version 18 or newer.
 * Left out: server rendering, which draws the empty tag.
 */
import { ELEMENTS, type ElementFacts } from './elements.ts';

type Props = Record<string, unknown>;
type Ref = { current: HTMLElement | null };

/** What is used of React. */
export type ReactLike = {
  createElement(tag: string, props: Props, ...children: unknown[]): unknown;
  useRef(initial: null): Ref;
  useLayoutEffect(effect: () => void | (() => void)): void;
};

/** `HumanApprovalView` and `HumanApprovalInbox` for the page's own React. Define the elements by importing them too. */
export function approvalComponents(react: ReactLike): {
  HumanApprovalView: (props: Props) => unknown;
  HumanApprovalInbox: (props: Props) => unknown;
} {
  const [view, inbox] = ELEMENTS;
  return { HumanApprovalView: componentOf(react, view), HumanApprovalInbox: componentOf(react, inbox) };
}

function componentOf(react: ReactLike, { tag, properties, events }: ElementFacts) {
  const names = new Set(properties.map(({ name }) => name));
  const byProp = new Map(events.map(({ name }) => [propOf(name), name]));
  return function Approval(props: Props): unknown {
    const ref = react.useRef(null);
    const rest: Props = {};
    for (const [name, value] of Object.entries(props)) {
      if (!names.has(name) && !byProp.has(name)) rest[name] = value;
    }
    // Before the paint, so that the first thing drawn is already the right one.
    react.useLayoutEffect(() => {
      const element = ref.current;
      if (!element) return undefined;
      for (const name of names) if (name in props) Reflect.set(element, name, props[name]);
      const heard = [...byProp].filter(([prop]) => typeof props[prop] === 'function');
      for (const [prop, name] of heard) element.addEventListener(name, props[prop] as EventListener);
      return () => {
        for (const [prop, name] of heard) element.removeEventListener(name, props[prop] as EventListener);
      };
    });
    const { children, ...plain } = rest;
    return react.createElement(tag, { ...plain, ref }, children);
  };
}

/** `approval-decided` as `onApprovalDecided`. */
function propOf(event: string): string {
  return `on${event.replace(/(^|-)(\w)/g, (_all, _dash, letter: string) => letter.toUpperCase())}`;
}
