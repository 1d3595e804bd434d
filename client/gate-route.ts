/**
 * Finding the declared action of a call by its method and path.
 *
 * INVARIANT: it is never stricter than the host's router: case, doubled, trailing and backward slashes, percent
 * escapes, fragments and absolute request targets make no difference, so no spelling of a gated path gets past.
 */

/** A call of the host's API that an agent may have to wait for. */
export type GatedAction = {
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'GET';
  /** With parameters: `/v1/users/:user_id/cards`. A parameter called `user_id` names the end user. */
  path: string;
  /** Dotted name: `cards.create`. */
  action_type: string;
  /** One line for the person, from the path's parameters and the JSON body; the title when absent. */
  summary?: (call: { params: Record<string, string>; body: Record<string, unknown> }) => string;
  /** What the waiting agent is told; from the table of defaults when absent. */
  title?: string;
  /** The template that shows it: `financial`, `purchase`, … */
  type?: string;
  risk_level?: 'low' | 'medium' | 'high' | 'critical';
  /** JSON Schema with x-ui hints: how the body is shown, and what a person may edit. */
  escalation_schema?: Record<string, unknown>;
  expires_in_s?: number;
};

export type FoundAction = { action: GatedAction; params: Record<string, string> };

/** The action of a call; null when none is declared for it. `target` is the request target as received. */
export type FindAction = (method: string, target: string) => FoundAction | null;

type Declared = { action: GatedAction; steps: string[] };

/** A target that has one spelling only: no escape, doubled or backward slash, fragment or scheme. Most are such. */
const PLAIN = /^(?:\/[\w.~!$&'()*+,;=:@-]+)+\/?(?:\?[^#\\]*)?$/;

export function createFindAction(actions: readonly GatedAction[]): FindAction {
  const byMethod = new Map<string, { plain: RegExp; all: Declared[] }>();
  for (const method of new Set(actions.map((action) => action.method))) {
    const all = actions
      .filter((action) => action.method === method)
      .map((action) => ({ action, steps: stepsOf(action.path) }));
    byMethod.set(method, { plain: plainPattern(all), all });
  }
  return (method, target) => {
    // Node's parser takes only upper-case methods; HEAD is routed like GET.
    const declared = byMethod.get(method === 'HEAD' ? 'GET' : method);
    if (!declared) return null;
    // What passes is most of the traffic, and must cost next to nothing.
    if (PLAIN.test(target) && !declared.plain.test(target)) return null;
    const steps = stepsOf(pathOf(target));
    for (const { action, steps: pattern } of declared.all) {
      const params = fit(pattern, steps);
      if (params) return { action, params };
    }
    return null;
  };
}

/** All patterns of a method as one: never stricter than the walk over the steps, only faster to say no. */
function plainPattern(all: readonly Declared[]): RegExp {
  const paths = all.map(({ steps }) =>
    steps
      .map((step) => (step.startsWith(':') ? '/[^/?]+' : `/${step.replaceAll(/[^\w/-]/g, String.raw`\$&`)}`))
      .join(''),
  );
  return new RegExp(`^(?:${paths.join('|')})/?(?:\\?|$)`, 'i');
}

function pathOf(target: string): string {
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#\\]*/i.exec(target);
  const rest = absolute ? target.slice(absolute[0].length) : target;
  return rest.split(/[?#]/, 1).join().replaceAll('\\', '/');
}

function stepsOf(path: string): string[] {
  return path
    .split('/')
    .map((step) => decoded(step).trim())
    .filter((step) => step !== '');
}

function fit(pattern: readonly string[], steps: readonly string[]): Record<string, string> | null {
  if (pattern.length !== steps.length) return null;
  const params: Record<string, string> = {};
  for (const [n, wanted] of pattern.entries()) {
    const step = steps[n] ?? '';
    if (wanted.startsWith(':')) params[wanted.slice(1)] = step;
    else if (wanted.toLowerCase() !== step.toLowerCase()) return null;
  }
  return params;
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}
