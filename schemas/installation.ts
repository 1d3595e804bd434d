/**
 * Slack workspaces that the app was installed into by OAuth, as they go over the wire.
 * INVARIANT: a token never goes over the wire.
 */
import { Type, type Static } from 'typebox';
import { ForeignId, Id, Instant, Nullable } from './primitives.ts';

export const SlackInstallation = Type.Object(
  {
    id: Id('sin'),
    team_id: ForeignId,
    team_name: Type.String(),
    enterprise_id: Nullable(ForeignId),
    bot_user_id: Type.String(),
    scopes: Type.Array(Type.String()),
    state: Type.Enum(['installed', 'uninstalled'], {
      description: 'uninstalled: Slack took it away; nothing is posted there until it is installed again.',
    }),
    installed_by: Type.String({ description: 'The member who installed it.' }),
    installed_at: Instant,
    uninstalled_at: Nullable(Instant),
    token_expires_at: Nullable(
      Type.String({
        format: 'date-time',
        description: 'With token rotation: until when the token works; it is renewed in time.',
      }),
    ),
  },
  { $id: 'SlackInstallation' },
);
export type SlackInstallation = Static<typeof SlackInstallation>;
