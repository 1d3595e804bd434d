/**
 * Who acts: roles, members, keys and the reference to a principal that stands on the record.
 * Invariant: a reference names a proven identity; nothing here is ever filled from a request's body.
 */
import { Type, type Static } from 'typebox';
import { ForeignId, Id, Instant, Line, Nullable } from './primitives.ts';

export const ROLES = ['viewer', 'reviewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const PRINCIPAL_KINDS = ['agent', 'service', 'member', 'end_user', 'system'] as const;
export type PrincipalKind = (typeof PRINCIPAL_KINDS)[number];

/** Where a call came from. */
export const VIAS = ['api', 'web', 'slack', 'email', 'cli', 'mcp', 'rule', 'system'] as const;
export type Via = (typeof VIAS)[number];

/** How sure we are who decided, weakest first. */
export const ASSURANCES = ['link', 'linked', 'session', 'passkey'] as const;
export type Assurance = (typeof ASSURANCES)[number];

export const PrincipalRef = Type.Object(
  { kind: Type.Enum([...PRINCIPAL_KINDS]), id: Type.String(), name: Type.String() },
  { $id: 'PrincipalRef' },
);
export type PrincipalRef = Static<typeof PrincipalRef>;

const memberFields = {
  name: Line,
  email: Nullable(Type.String({ format: 'email', maxLength: 254 })),
  role: Type.Enum([...ROLES]),
  slack_team_id: Nullable(ForeignId),
  slack_user_id: Nullable(ForeignId),
};

export const Member = Type.Object({ id: Id('mem'), ...memberFields, created_at: Instant }, { $id: 'Member' });
export type Member = Static<typeof Member>;

export const CreateMember = Type.Object(
  {
    name: Line,
    email: Type.Optional(memberFields.email),
    role: memberFields.role,
    slack_team_id: Type.Optional(memberFields.slack_team_id),
    slack_user_id: Type.Optional(memberFields.slack_user_id),
  },
  { $id: 'CreateMember', additionalProperties: false },
);
export type CreateMember = Static<typeof CreateMember>;

export const SignInLink = Type.Object(
  { member_id: Id('mem'), sign_in_url: Type.String(), expires_at: Instant },
  { $id: 'SignInLink' },
);
export type SignInLink = Static<typeof SignInLink>;

export const Session = Type.Object(
  {
    id: Type.String(),
    member_id: Id('mem'),
    created_at: Instant,
    last_seen_at: Type.String({ format: 'date-time', description: 'To a few minutes.' }),
    expires_at: Instant,
    how: Type.Enum(['link', 'mail'], {
      description: 'Opened by a sign-in link that was handed on, or by a mail to the member.',
    }),
    browser: Type.String(),
  },
  { $id: 'Session' },
);
export type Session = Static<typeof Session>;

export const KEY_KINDS = ['agent', 'service', 'personal'] as const;
export type KeyKind = (typeof KEY_KINDS)[number];

const keyFields = {
  kind: Type.Enum([...KEY_KINDS]),
  name: Line,
  agent_id: Nullable(ForeignId),
  member_id: Nullable(Id('mem')),
  expires_at: Nullable(Instant),
};

export const Key = Type.Object(
  { id: Type.String(), ...keyFields, created_at: Instant, last_used_at: Nullable(Instant) },
  { $id: 'Key' },
);
export type Key = Static<typeof Key>;

export const NewKey = Type.Object(
  { ...Key.properties, key: Type.String({ description: 'The secret. Shown this once.' }) },
  { $id: 'NewKey' },
);
export type NewKey = Static<typeof NewKey>;

export const CreateKey = Type.Object(
  {
    kind: keyFields.kind,
    name: Line,
    agent_id: Type.Optional(keyFields.agent_id),
    member_id: Type.Optional(keyFields.member_id),
    expires_at: Type.Optional(keyFields.expires_at),
  },
  { $id: 'CreateKey', additionalProperties: false },
);
export type CreateKey = Static<typeof CreateKey>;
