/**
 * Gates: which kinds of action stop for a person, as it goes over the wire.
 * Left out: the table of defaults (gate-defaults.ts) and stopping anything (the client's gate).
 */
import { Type, type Static } from 'typebox';
import { Nullable } from './primitives.ts';

export const GATE_WORDS = ['required', 'not_required'] as const;
export type GateWord = (typeof GATE_WORDS)[number];

const MAX_NAMED = 500;
const PRIMITIVE = '^[^\\s*.]{1,100}$';
const ACTION_TYPE = '^[^\\s*]{1,200}$';

const Word = Type.Enum([...GATE_WORDS]);
const words = (pattern: string, description: string) =>
  Type.Record(Type.String({ pattern }), Word, { description, maxProperties: MAX_NAMED });
const changes = (pattern: string, description: string) =>
  Type.Record(Type.String({ pattern }), Nullable(Word), {
    description,
    maxProperties: MAX_NAMED,
    additionalProperties: false,
  });

export const Gates = Type.Object(
  {
    defaults: Type.Array(
      Type.Object({
        action_type: Type.String({ description: 'The kind of action.' }),
        title: Type.String({ description: 'What the waiting agent is told.' }),
        gate: Type.Literal('required', { description: 'It stops for a person.' }),
      }),
      { description: 'What is gated where nothing else is said.' },
    ),
    primitives: words(PRIMITIVE, 'By primitive, the first part of an action type: "cards".'),
    action_types: words(ACTION_TYPE, 'By action type, which beats its primitive: "cards.create".'),
  },
  { $id: 'Gates' },
);
export type Gates = Static<typeof Gates>;

export const GatesPatch = Type.Object(
  {
    primitives: Type.Optional(
      changes(PRIMITIVE, 'By primitive: required, not_required, or null to say nothing any more.'),
    ),
    action_types: Type.Optional(
      changes(ACTION_TYPE, 'By action type: required, not_required, or null to say nothing any more.'),
    ),
  },
  { $id: 'GatesPatch', additionalProperties: false },
);
export type GatesPatch = Static<typeof GatesPatch>;
