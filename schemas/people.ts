/**
 * Who acts: roles, members, keys and the reference to a principal that stands on the record.
 * Invariant: a reference names a proven identity; nothing here is ever filled from a request's body.
 */
import { Type, type Static, type TSchema } from 'typebox';
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

const Away = Type.Object(
  {
    until: Type.String({ format: 'date-time', description: 'Until when the member is away.' }),
    substitute_id: Nullable(
      Type.String({
        pattern: '^mem_[0-9A-Za-z]{8,40}$',
        description: 'Who is asked, and may decide, in their place meanwhile.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type Away = Static<typeof Away>;

export const Member = Type.Object(
  {
    id: Id('mem'),
    ...memberFields,
    away: Type.Optional(Nullable(Away)),
    created_at: Instant,
  },
  { $id: 'Member' },
);
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

const said = <T extends TSchema>(schema: T, description: string) => Type.Optional({ ...schema, description });

export const MemberPatch = Type.Object(
  {
    name: said(Line, 'What the member is called.'),
    email: said(memberFields.email, 'Where mails go; an address belongs to one member.'),
    role: said(
      memberFields.role,
      'viewer: may look. reviewer: may decide. admin: may decide on everything and administer.',
    ),
    slack_team_id: said(memberFields.slack_team_id, 'The Slack workspace of slack_user_id.'),
    slack_user_id: said(memberFields.slack_user_id, 'The Slack account that acts for the member.'),
    away: said(Nullable(Away), 'An absence, and who stands in; null ends it. A member may set their own.'),
  },
  { $id: 'MemberPatch', additionalProperties: false },
);
export type MemberPatch = Static<typeof MemberPatch>;

const groupFields = {
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'What the group is called; no two share a name.',
  }),
  member_ids: Type.Array(Id('mem'), {
    maxItems: 200,
    uniqueItems: true,
    description: 'The people in it. Groups hold people only, never other groups.',
  }),
};
export const Group = Type.Object({ id: Id('grp'), ...groupFields, created_at: Instant }, { $id: 'Group' });
export type Group = Static<typeof Group>;
export const CreateGroup = Type.Object(
  { name: groupFields.name, member_ids: Type.Optional(groupFields.member_ids) },
  { $id: 'CreateGroup', additionalProperties: false },
);
export type CreateGroup = Static<typeof CreateGroup>;
export const GroupPatch = Type.Partial(Type.Object(groupFields), {
  $id: 'GroupPatch',
  additionalProperties: false,
});
export type GroupPatch = Static<typeof GroupPatch>;

const agentFields = {
  name: Nullable(Type.String({ minLength: 1, maxLength: 500, description: 'What people call the agent.' })),
  owner_id: Nullable(
    Type.String({
      pattern: '^mem_[0-9A-Za-z]{8,40}$',
      description: 'The member who answers for it, and therefore never decides on what it asks.',
    }),
  ),
  team_id: Nullable(Type.String({ minLength: 1, maxLength: 200, description: 'The team it belongs to.' })),
};
const AgentName = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'The agent_id that the agent’s key or its requests carry.',
});
export const Agent = Type.Object(
  { agent_id: AgentName, ...agentFields, created_at: Instant },
  { $id: 'Agent' },
);
export type Agent = Static<typeof Agent>;
export const CreateAgent = Type.Object(
  { agent_id: AgentName, ...Type.Partial(Type.Object(agentFields)).properties },
  { $id: 'CreateAgent', additionalProperties: false },
);
export type CreateAgent = Static<typeof CreateAgent>;
export const AgentPatch = Type.Partial(Type.Object(agentFields), {
  $id: 'AgentPatch',
  additionalProperties: false,
});
export type AgentPatch = Static<typeof AgentPatch>;

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
