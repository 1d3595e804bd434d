/** Which webhook endpoints a workspace tells of its events. */
import type { Endpoint } from '../core/ports.ts';
import type { Deps } from './deps.ts';
import { createKnown, type Known } from './known.ts';

export type Endpoints = Known<readonly Endpoint[]>;

export function createEndpoints(deps: Pick<Deps, 'store' | 'clock'>): Endpoints {
  return createKnown(deps, (t, workspace_id) => t.webhooks.endpoints(workspace_id));
}
