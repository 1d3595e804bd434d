/**
 * Approve with edits: applies a person's edits to frozen parameters.
 *
 * INVARIANT: edited parameters keep their types, differ only where the schema says `editable`, and fit the schema.
 * INVARIANT: edits then diff is the identity: applying the listed changes to the original gives the modified value.
 * Left out: policy on the edited values, and who may edit.
 */
import type { Approval } from '../../schemas/approval.ts';
import type { ModifiedCost } from '../../schemas/decision.ts';
import type { Issue } from '../../schemas/problem.ts';
import { schemaFor } from '../../schemas/templates.ts';
import { foreignIssues } from '../../schemas/validate.ts';
import { type Change, diff, isRecord, kindOf } from './json-value.ts';
import { nodeAt } from './schema-node.ts';

/** Where the issues of edits are located. */
const ROOT = 'edits';
const COST_PREFIX = 'cost.';

export type Edited =
  | {
      ok: true;
      modified_params: Record<string, unknown> | null;
      modified_cost: ModifiedCost | null;
      changes: Change[];
    }
  | { ok: false; issues: Issue[] };

/**
 * The parameters after edits: members of a JSON Merge Patch (RFC 7396) of `params`, dotted paths such as
 * `payee.name` or `items.0.qty`, and `cost.usd` / `cost.tokens`. A name that params or the schema have wins
 * over its reading as a path. `modified_params` is null when only the cost changed. Every issue names its edit.
 */
export function applyEdits(approval: Approval, edits: Record<string, unknown>): Edited {
  const schema = schemaFor(approval.type, approval.escalation_schema);
  const next = structuredClone(approval.params);
  const cost: Record<string, unknown> = {};
  const issues: Issue[] = [];
  for (const [name, value] of Object.entries(edits)) {
    const known = Object.hasOwn(next, name) || nodeAt(schema, `/${name}`).declared;
    if (known) patchMember(next, name, value);
    else if (name.startsWith(COST_PREFIX)) cost[name.slice(COST_PREFIX.length)] = value;
    else if (name.includes('.')) issues.push(...setPath(next, name, value));
    else patchMember(next, name, value);
  }
  issues.push(...costIssues(cost));
  const changes = diff(approval.params, next);
  issues.push(...changes.flatMap((change) => changeIssue(schema, change)));
  if (changes.length > 0) issues.push(...foreignIssues(schema, next, ROOT));
  if (issues.length > 0) return { ok: false, issues };
  if (changes.length === 0 && Object.keys(cost).length === 0) {
    return {
      ok: false,
      issues: [{ location: ROOT, message: 'changes nothing; approve without edits instead' }],
    };
  }
  return {
    ok: true,
    modified_params: changes.length > 0 ? next : null,
    modified_cost: Object.keys(cost).length > 0 ? cost : null,
    changes: [...changes, ...costChanges(approval, cost)],
  };
}

function patchMember(target: Record<string, unknown>, name: string, patch: unknown): void {
  if (patch === null) delete target[name];
  else target[name] = mergePatch(Object.hasOwn(target, name) ? target[name] : undefined, patch);
}

/** RFC 7396 section 2. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) patchMember(merged, name, value);
  return merged;
}

function setPath(root: Record<string, unknown>, path: string, value: unknown): Issue[] {
  const names = path.split('.');
  const last = names.pop() ?? '';
  let holder: unknown = root;
  for (const name of names) holder = member(holder, name);
  if (Array.isArray(holder) && isIndexOf(holder, last)) holder[Number(last)] = value;
  else if (isRecord(holder)) holder[last] = value;
  else return [{ location: `${ROOT}/${path}`, message: 'is no path in params; check the names' }];
  return [];
}

function member(holder: unknown, name: string): unknown {
  if (Array.isArray(holder)) return isIndexOf(holder, name) ? (holder[Number(name)] as unknown) : undefined;
  return isRecord(holder) && Object.hasOwn(holder, name) ? holder[name] : undefined;
}

function isIndexOf(list: unknown[], name: string): boolean {
  return /^\d{1,6}$/.test(name) && Number(name) < list.length;
}

function changeIssue(schema: Record<string, unknown>, change: Change): Issue[] {
  const node = nodeAt(schema, change.path);
  const location = ROOT + change.path;
  if (!node.editable) return [{ location, message: 'may not be edited here' }];
  const replaced = 'from' in change && 'to' in change;
  if (!replaced && !node.declared) {
    return [{ location, message: 'to' in change ? 'is not a known field' : 'may not be removed' }];
  }
  const was = kindOf(change.from);
  if (replaced && !node.typed && was !== 'null' && was !== kindOf(change.to)) {
    return [{ location, message: `must stay ${was === 'array' || was === 'object' ? 'an' : 'a'} ${was}` }];
  }
  return [];
}

function costIssues(cost: Record<string, unknown>): Issue[] {
  return Object.entries(cost).flatMap(([name, value]) => {
    const location = `${ROOT}/cost.${name}`;
    if (name !== 'usd' && name !== 'tokens')
      return [{ location, message: 'is not a known cost; use usd or tokens' }];
    const fits = typeof value === 'number' && value >= 0 && (name === 'usd' || Number.isInteger(value));
    return fits ? [] : [{ location, message: 'must be a number of at least 0', value }];
  });
}

function costChanges(approval: Approval, cost: Record<string, unknown>): Change[] {
  return Object.entries(cost).map(([name, to]) => {
    const from = approval.cost?.[name as keyof ModifiedCost];
    return { path: `/cost.${name}`, ...(from === undefined || from === null ? {} : { from }), to };
  });
}
