/**
 * A page's own ways to show a value: widgets by their name in `x-ui.widget`, and slots named `field:` and a pointer.
 *
 * INVARIANT: a masked value is never handed to a widget, and what a widget shows or leaves out stays under "All data".
 * A widget that throws or gives null is as good as none.
 */
import type { Approval } from '../schemas/approval.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import type { CardOptions } from '../server/core/card-text.ts';
import { nodeAt } from '../server/core/schema-node.ts';

/** What a widget is told about the value that it shows. */
export type WidgetContext = {
  fact: CardFact;
  /** What the escalation schema says of this place; null where it says nothing. */
  schema: Record<string, unknown> | null;
  approval: Approval;
  options: CardOptions;
};

/** Gives what stands in place of the value: a node, or a text, which never becomes markup. Asked once for each fact. */
export type HostWidget = (value: unknown, context: WidgetContext) => Node | string | null;

type Model = {
  approval: Approval;
  schema: Record<string, unknown>;
  options: CardOptions;
  /** Pointers into `params` for which the page brings its own content. */
  slotted: ReadonlySet<string>;
};

const widgets = new Map<string, HostWidget>();
const made = new WeakMap<CardFact, Node | string | null>();

export function registerWidget(name: string, widget: HostWidget): void {
  widgets.set(name, widget);
}

const widgetFor = ({ widget, kind }: CardFact): HostWidget | undefined =>
  widget === null || kind === 'masked' ? undefined : widgets.get(widget);

/** Whether the page shows this fact itself. */
export function isHosts(fact: CardFact, { slotted }: Model): boolean {
  return slotted.has(fact.pointer) || widgetFor(fact) !== undefined;
}

/** What the page's widget makes of a fact; null where there is none. */
export function hostValue(fact: CardFact, { approval, schema: root, options }: Model): Node | string | null {
  const widget = widgetFor(fact);
  if (!widget) return null;
  let shown = made.get(fact);
  if (shown === undefined) {
    try {
      const { schema } = nodeAt(root, fact.pointer);
      shown = widget(fact.value, { fact, schema, approval, options });
    } catch (error) {
      console.error(error);
      shown = null;
    }
    made.set(fact, shown);
  }
  return shown;
}

const PREFIX = 'field:';

/** The pointers for which an element holds content of the page. */
export function slottedIn(host: Element): ReadonlySet<string> {
  const names = [...host.children].map(({ slot }) => slot).filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}

export const slotOf = (pointer: string): string => PREFIX + pointer;
