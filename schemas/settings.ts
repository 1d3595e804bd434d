/**
 * A workspace's safety settings. Every member has a default, so an empty object is a complete setting.
 * Left out: quorum trees (they come with policy).
 */
import { Type, type Static } from 'typebox';
import { RISK_LEVELS, RiskSchema } from './approval.ts';
import { CHANNEL_NAMES } from './channel.ts';
import { ASSURANCES } from './people.ts';
import { Nullable } from './primitives.ts';
import { DEFAULT_TRUST, TrustSettings } from './trust.ts';

const perRisk = <T>(make: () => T): Record<(typeof RISK_LEVELS)[number], T> => ({
  low: make(),
  medium: make(),
  high: make(),
  critical: make(),
});

/** `none`: nothing is approved there. */
const Limit = Type.Enum(['none', ...RISK_LEVELS]);

export const Settings = Type.Object(
  {
    life_s: Type.Object(
      perRisk(() => Type.Integer({ minimum: 60, maximum: 31_536_000 })),
      {
        additionalProperties: false,
        description: 'How long an approval stays open, in seconds, by risk.',
      },
    ),
    assurance: Type.Object(
      perRisk(() => Type.Enum([...ASSURANCES])),
      {
        additionalProperties: false,
        description: 'The least assurance needed to approve, by risk.',
      },
    ),
    allow_self_approval: Type.Boolean({
      description: 'May a person decide on what they asked for themselves?',
    }),
    execution_window_s: Type.Integer({
      minimum: 60,
      maximum: 2_592_000,
      description: 'How long after the decision a frozen request may still be started, in seconds.',
    }),
    idempotent_targets: Type.Array(Type.String({ pattern: '^[^\\s/]+$', maxLength: 300 }), {
      maxItems: 200,
      uniqueItems: true,
      description:
        'Hosts (with their port where it is not the usual one) that honour Idempotency-Key. A run there is tried ' +
        'again after a failure; anywhere else it is never sent twice.',
    }),
    risk_floor: Type.Record(Type.String(), RiskSchema, {
      description: 'By action type (a trailing * is a prefix): the risk below which no request can go.',
    }),
    notify: Type.Object(
      {
        channels: Type.Array(Type.Enum([...CHANNEL_NAMES]), {
          maxItems: CHANNEL_NAMES.length,
          uniqueItems: true,
          description: 'The channels that are used, in the order in which they are tried; none tells nobody.',
        }),
        slack_channel: Nullable(
          Type.String({
            minLength: 1,
            maxLength: 200,
            description: 'A channel id, or "team/channel" where the app is in several Slack workspaces.',
          }),
        ),
      },
      {
        additionalProperties: false,
        description:
          'Where people are told: the assignees; where there are none, slack_channel (null: the server’s default), ' +
          'and every reviewer and admin by email.',
      },
    ),
    slack_by_email: Type.Boolean({
      description:
        'May a Slack account that nobody linked act for the member with the address that Slack confirmed of it? It ' +
        'proves less than a link (assurance "link"), and never counts for a member who has a link in that Slack workspace.',
    }),
    channel_limits: Type.Object(
      { slack: Type.Optional(Limit), email: Type.Optional(Limit) },
      {
        additionalProperties: false,
        description: 'The highest risk that may be approved in a channel; above it the card only shows.',
      },
    ),
    mail_minimal: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
      maxItems: 50,
      uniqueItems: true,
      description:
        'Values of data_classification (in any case) of which mails hold no parameter and no word of the agent: only risk, ' +
        'kind, agent, expiry and the link.',
    }),
    mail_minimal_all: Type.Boolean({ description: 'Are all mails like that?' }),
    mail_digest_after: Type.Integer({
      minimum: 1,
      maximum: 100,
      description:
        'How many requests one person is mailed within 10 minutes; further ones come together in one mail. Critical risk ' +
        'never waits.',
    }),
    trust: TrustSettings,
  },
  { $id: 'Settings', additionalProperties: false },
);
export type Settings = Static<typeof Settings>;

/** Members of `trust` may be left out too. */
export const SettingsPatch = Type.Object(
  {
    ...Type.Partial(Settings).properties,
    trust: Type.Optional(Type.Partial(TrustSettings, { additionalProperties: false })),
  },
  { $id: 'SettingsPatch', additionalProperties: false },
);
export type SettingsPatch = Static<typeof SettingsPatch>;

/** spec.md section 2: 7 d, 24 h, 4 h, 1 h; link, link, linked, session. */
export const DEFAULT_SETTINGS: Settings = {
  life_s: { low: 604_800, medium: 86_400, high: 14_400, critical: 3_600 },
  assurance: { low: 'link', medium: 'link', high: 'linked', critical: 'session' },
  allow_self_approval: false,
  execution_window_s: 86_400,
  idempotent_targets: [],
  risk_floor: {},
  notify: { channels: [...CHANNEL_NAMES], slack_channel: null },
  slack_by_email: false,
  channel_limits: {},
  mail_minimal: [],
  mail_minimal_all: false,
  mail_digest_after: 5,
  trust: DEFAULT_TRUST,
};
