/**
 * A page's own ways to show a value: widgets by their name in `x-ui.widget`, and slots named `field:` and a pointer.
 *
 * INVARIANT: a masked value is never handed to a widget, and what a widget shows or leaves out stays under "All data".
 * Asking them is host-value.ts.
 */
import type { Approval } from '../schemas/approval.ts';
import type { CardFact } from '../server/core/card-facts.ts';
import type { CardOptions } from '../server/core/card-text.ts';

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

const widgets = new Map<string, HostWidget>();

export function registerWidget(name: string, widget: HostWidget): void {
  widgets.set(name, widget);
}

/** The page's widget for a fact; undefined where there is none. */
export function widgetFor({ widget, kind }: CardFact): HostWidget | undefined {
  return widget === null || kind === 'masked' ? undefined : widgets.get(widget);
}

const PREFIX = 'field:';
const NONE: ReadonlySet<string> = new Set();

/** The pointers for which an element holds content of the page. */
export function slottedIn(host: Element): ReadonlySet<string> {
  if (!host.firstElementChild) return NONE;
  const names = [...host.children].map(({ slot }) => slot).filter((name) => name.startsWith(PREFIX));
  return new Set(names.map((name) => name.slice(PREFIX.length)));
}

export const slotOf = (pointer: string): string => PREFIX + pointer;
