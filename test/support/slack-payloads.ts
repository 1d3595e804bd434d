/**
 * What Slack sends when people press, send forms, write and type commands: payloads alone, without a way to send them.
 * Source: docs.slack.dev/reference/interaction-payloads and /reference/events.
 */
import { createHmac } from 'node:crypto';

type Any = Record<string, unknown>;

export const SIGNING_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';

export type Actor = { team: string; user: string; home?: string };

let last = 0;

/** A press of one element of a message. */
export function pressOf(
  { team, user, home = team }: Actor,
  at: { channel: string; ts: string; trigger_id: string; response_url: string },
  element: { type?: string; action_id: string; block_id?: string; value?: string },
): Any {
  return {
    type: 'block_actions',
    team: { id: team },
    user: { id: user, team_id: home },
    channel: { id: at.channel },
    container: { type: 'message', message_ts: at.ts, channel_id: at.channel },
    message: { ts: at.ts },
    trigger_id: at.trigger_id,
    response_url: at.response_url,
    actions: [{ type: 'button', block_id: 'b', ...element, action_ts: `${Date.now()}.${++last}` }],
  };
}

/** A form that was sent; `values` by block, of the one element in each. */
export function submissionOf(
  { team, user, home = team }: Actor,
  view: { id: string; view: Any },
  values: Record<string, Any>,
): Any {
  const state = Object.fromEntries(Object.entries(values).map(([block, value]) => [block, { value }]));
  return {
    type: 'view_submission',
    team: { id: team },
    user: { id: user, team_id: home },
    trigger_id: `sent-${++last}`,
    view: { ...view.view, id: view.id, hash: '1', state: { values: state } },
  };
}

/** An event in its envelope. */
export function eventOf(team: string, event: Any, more: Any = {}): Any {
  return {
    type: 'event_callback',
    team_id: team,
    event_id: `Ev${++last}`,
    event_time: Math.floor(Date.now() / 1000),
    event,
    ...more,
  };
}

export function commandOf(
  { team, user }: Actor,
  text: string,
  at: { channel: string; response_url: string },
) {
  return {
    command: '/approvals',
    team_id: team,
    user_id: user,
    text,
    channel_id: at.channel,
    response_url: at.response_url,
  };
}

/** The headers of a signed body (v0, HMAC-SHA256 over version:timestamp:body); `age_s` dates it back. */
export function signature(body: string, { age_s = 0, secret = SIGNING_SECRET } = {}): Record<string, string> {
  const at = String(Math.floor(Date.now() / 1000) - age_s);
  const mac = createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${mac}` };
}
