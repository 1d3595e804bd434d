/**
 * What a change of members, rules, gates, groups, host keys and origins makes looser, in the words of a person.
 * Left out: settings (loosening.ts).
 */
import { type Member, ROLES } from '../../schemas/people.ts';
import type { Rule } from '../../schemas/rule.ts';
import type { Difference } from './loosening.ts';
import type { StoredGates } from './policy-tables.ts';

/** A new member (null before) who is an admin, or a role that is raised. */
export function memberDifferences(
  before: Pick<Member, 'name' | 'role'> | null,
  after: Pick<Member, 'name' | 'role'>,
): Difference[] {
  if (before?.role === after.role) return [];
  const loosens = before ? ROLES.indexOf(after.role) > ROLES.indexOf(before.role) : after.role === 'admin';
  const what = before ? `Role of ${after.name}` : `New ${after.role}`;
  return [
    before
      ? { what, before: before.role, after: after.role, loosens }
      : { what, before: 'no member', after: after.name, loosens },
  ];
}

type Ruled = Pick<Rule, 'name' | 'effect' | 'mode' | 'match'>;

/** A rule that is added (null before) or removed (null after); one in shadow decides nothing. */
export function ruleDifferences(before: Ruled | null, after: Ruled | null): Difference[] {
  const rule = after ?? before;
  if (!rule) return [];
  const holds = rule.mode === 'active';
  const loosens = holds && (after ? rule.effect === 'approve' : rule.effect !== 'approve');
  const words = `${rule.effect} ${JSON.stringify(rule.match)}`;
  return [
    {
      what: `Rule “${rule.name}”`,
      before: before ? words : 'no rule',
      after: after ? words : 'no rule',
      loosens,
    },
  ];
}

const KINDS = { primitives: 'primitive', action_types: 'action type' } as const;

/** A gate that opens: `not_required`, or no word any more where the word was `required`. */
export function gateDifferences(before: StoredGates, after: StoredGates): Difference[] {
  return (['primitives', 'action_types'] as const).flatMap((kind) => {
    const names = new Set([...Object.keys(before[kind]), ...Object.keys(after[kind])]);
    return [...names].flatMap((name) => {
      const from = before[kind][name];
      const to = after[kind][name];
      if (from === to) return [];
      return [
        {
          what: `Gate of the ${KINDS[kind]} ${name}`,
          before: from ?? 'not set',
          after: to ?? 'not set',
          // Without a word a wider one speaks, or the table; taking back what let through only closes.
          loosens: to === 'not_required' || (to === undefined && from === 'required'),
        },
      ];
    });
  });
}

/** Who is new in a group, which may decide where the group does. */
export function groupDifferences(
  name: string,
  before: readonly string[],
  after: readonly string[],
): Difference[] {
  const text = (ids: readonly string[]) => (ids.length === 0 ? 'nobody' : ids.join(', '));
  if (text(before) === text(after)) return [];
  const loosens = after.some((id) => !before.includes(id));
  return [{ what: `Members of the group “${name}”`, before: text(before), after: text(after), loosens }];
}

/** A host key or origin that is added (`after`) or removed. */
export function listedDifferences(what: string, before: string | null, after: string | null): Difference[] {
  return [{ what, before: before ?? 'none', after: after ?? 'none', loosens: after !== null }];
}
