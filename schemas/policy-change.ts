/**
 * A change of the policy that loosens it: what the admin who asked for it is told, and how the approval that it waits for
 * is shown.
 * Invariant: whoever approves sees before and after of everything that changes.
 */
import { Type, type Static } from 'typebox';
import { Id } from './primitives.ts';

/** Action types that begin like this are this program's own; nobody else can ask for them. */
export const OWN_ACTIONS = 'countersign.';

export const PendingChange = Type.Object(
  {
    status: Type.Literal('pending_approval', { description: 'Nothing has changed yet.' }),
    approval_id: Id('apr'),
    action_type: Type.String({ description: 'countersign.<what>.change' }),
    title: Type.String({ description: 'What the approval is called.' }),
    loosens: Type.Array(Type.String(), {
      description: 'What becomes looser, a sentence each; why another admin has to approve.',
    }),
  },
  { $id: 'PendingChange' },
);
export type PendingChange = Static<typeof PendingChange>;

/** True for the answer that a change waits. */
export function isPendingChange(answer: object): answer is PendingChange {
  return 'approval_id' in answer && 'status' in answer && answer.status === 'pending_approval';
}

/** How such an approval is shown: nothing in it can be edited. */
export const CHANGE_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Change of the policy',
  type: 'object',
  'x-ui': { order: ['loosens', 'changes', '*'] },
  properties: {
    loosens: { type: 'array', title: 'Becomes looser', items: { type: 'string' } },
    changes: {
      type: 'object',
      title: 'Before and after',
      additionalProperties: {
        type: 'object',
        properties: { before: { type: 'string' }, after: { type: 'string' } },
        'x-ui': { widget: 'compare' },
      },
    },
  },
};
