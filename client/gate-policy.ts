/**
 * Which actions are gated: the table of spec.md, section 5, and what the operator says otherwise.
 * Invariant: an action type's own word beats its primitive's, which beats the table; what nobody named passes.
 */

import { GATED_BY_DEFAULT } from '../schemas/gate-defaults.ts';

/** `true` forces the gate, `false` opts out. */
export type GatePolicy = {
  /** By primitive, the first part of an action type: `cards`. */
  primitives?: Readonly<Record<string, boolean>>;
  /** By action type: `cards.create`. */
  action_types?: Readonly<Record<string, boolean>>;
};

/** True when an agent's call of this action type has to wait for a person. */
export function isGated(action_type: string, { primitives = {}, action_types = {} }: GatePolicy): boolean {
  if (Object.hasOwn(action_types, action_type)) return action_types[action_type] !== false;
  const primitive = primitiveOf(action_type);
  if (Object.hasOwn(primitives, primitive)) return primitives[primitive] !== false;
  return Object.hasOwn(GATED_BY_DEFAULT, action_type);
}

/** The first part of an action type: `cards` of `cards.cardholder.create`. */
export function primitiveOf(action_type: string): string {
  return action_type.split('.', 1).join();
}

/** A title for an action type that was declared without one. */
export function titleOf(action_type: string): string {
  return GATED_BY_DEFAULT[action_type] ?? action_type;
}
