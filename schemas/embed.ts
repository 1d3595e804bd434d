/**
 * Embedding in a host's page: tokens for one person, the origins they work from, and the keys a host signs with.
 * Invariant: a claim that is not listed here makes a signed token invalid: what we don't understand may restrict it.
 */
import { Type, type Static } from 'typebox';
import { RISK_LEVELS } from './approval.ts';
import { ForeignId, Id, Instant, JsonObject, Line } from './primitives.ts';

/** Reading is always part of it; the others only where they are listed. */
export const EMBED_SCOPES = ['view', 'comment', 'decide'] as const;
export type EmbedScope = (typeof EMBED_SCOPES)[number];

/** Longest life of a token, and what it has when nothing is said. */
export const MAX_EMBED_LIFE_S = 300;
const MAX_APPROVALS = 100;

const OriginText = Type.String({
  minLength: 8,
  maxLength: 300,
  description:
    'As browsers send it: scheme, host, and the port where it is not the usual one; no slash at the end.',
  examples: ['https://app.example.com'],
});
const Approvals = Type.Array(Id('apr'), {
  minItems: 1,
  maxItems: MAX_APPROVALS,
  uniqueItems: true,
  description:
    'The approvals that exist for the person. Any other id is answered like one that was never made.',
});
const Scope = Type.Array(Type.Enum([...EMBED_SCOPES]), {
  minItems: 1,
  maxItems: EMBED_SCOPES.length,
  uniqueItems: true,
  description:
    'view: read, and follow live (always included). comment: ask questions. decide: approve, edit, deny, override, take over.',
});
const MaxRisk = Type.Enum([...RISK_LEVELS], {
  default: 'medium',
  description: 'The highest risk the person may approve. Denying and asking never need more.',
});

export const CreateEmbedToken = Type.Object(
  {
    user_id: Type.Optional(
      Type.String({
        ...ForeignId,
        description: 'A person of your own application. Either this or member_id.',
      }),
    ),
    member_id: Type.Optional(
      Type.String({ ...Id('mem'), description: 'A member of the workspace, who keeps their role.' }),
    ),
    name: Type.Optional(
      Type.String({
        ...Line,
        description: 'What the record calls a person of yours; the user_id when absent.',
      }),
    ),
    origin: OriginText,
    approvals: Approvals,
    scope: Scope,
    max_risk: Type.Optional(MaxRisk),
    expires_in_s: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_EMBED_LIFE_S,
        default: MAX_EMBED_LIFE_S,
        description: 'How long the token works, in seconds.',
      }),
    ),
  },
  { $id: 'CreateEmbedToken', additionalProperties: false },
);
export type CreateEmbedToken = Static<typeof CreateEmbedToken>;

export const NewEmbedToken = Type.Object(
  {
    id: Type.String({ description: 'For DELETE /v1/embed-tokens/{id}.' }),
    token: Type.String({ description: 'The secret. Shown this once; good for one decision.' }),
    expires_at: Instant,
  },
  { $id: 'NewEmbedToken' },
);
export type NewEmbedToken = Static<typeof NewEmbedToken>;

/** What a token may do, for the page that holds it. */
export const EmbedBounds = Type.Object(
  { approvals: Approvals, scope: Scope, max_risk: MaxRisk, expires_at: Instant },
  { $id: 'EmbedBounds' },
);

export const Origin = Type.Object(
  {
    id: Type.String({ description: 'For DELETE /v1/origins/{id}.' }),
    origin: OriginText,
    created_at: Instant,
  },
  { $id: 'Origin' },
);
export type Origin = Static<typeof Origin>;

export const CreateOrigin = Type.Object(
  { origin: OriginText },
  { $id: 'CreateOrigin', additionalProperties: false },
);

const Kid = Type.String({
  pattern: '^[A-Za-z0-9._~-]{1,100}$',
  description: 'The name of the key, as it stands in the header of your tokens.',
});
const keyFields = {
  kid: Kid,
  name: Type.String({ ...Line, description: 'For people: where this key is kept.' }),
};

export const CreateHostKey = Type.Object(
  {
    ...keyFields,
    public_key: Type.Union([Type.String({ maxLength: 2_000 }), JsonObject], {
      description: 'The public half of an Ed25519 key: a JWK, or PEM (BEGIN PUBLIC KEY).',
    }),
  },
  { $id: 'CreateHostKey', additionalProperties: false },
);
export type CreateHostKey = Static<typeof CreateHostKey>;

export const HostKey = Type.Object(
  {
    ...keyFields,
    thumbprint: Type.String({ description: 'RFC 7638, SHA-256: to compare with your own.' }),
    issuer: Type.String({ description: 'What `iss` has to be: this workspace.' }),
    audience: Type.String({ description: 'What `aud` has to be: the origin of this server.' }),
    created_at: Instant,
  },
  { $id: 'HostKey' },
);
export type HostKey = Static<typeof HostKey>;

/** Tokens minted here have ids of this prefix, so a host's own ids can't be taken for them. */
export const TOKEN_PREFIX = 'emb';
const Seconds = Type.Integer({ minimum: 0 });

/** What a host signs: `sub` is the person, `apr` the approvals. */
export const HostClaims = Type.Object(
  {
    iss: Type.String(),
    aud: Type.String(),
    sub: ForeignId,
    name: Type.Optional(Line),
    apr: Approvals,
    scope: Scope,
    max_risk: Type.Optional(MaxRisk),
    origin: OriginText,
    jti: Type.String({ pattern: `^(?!${TOKEN_PREFIX}_)[A-Za-z0-9._~-]{8,128}$` }),
    iat: Seconds,
    exp: Seconds,
    nbf: Type.Optional(Seconds),
  },
  { additionalProperties: false },
);
export type HostClaims = Static<typeof HostClaims>;
