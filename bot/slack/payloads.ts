/**
 * What Slack sends, read into the few members that are used. Whatever is missing or of another type is empty text:
 * the next step then refuses, instead of this one guessing.
 * Source: docs.slack.dev/reference/interaction-payloads.
 */
import { isRecord } from '../../server/core/json-value.ts';
import type { Submitted } from './edit-fields.ts';
import type { Presser } from './people.ts';

/** One press of a button. `id` is the same for every copy of it. */
export type Press = {
  id: string;
  presser: Presser;
  action_id: string;
  value: string | undefined;
  channel: string;
  /** The message that holds the button; empty in App Home. */
  message_ts: string;
  thread_ts: string;
  trigger_id: string;
  /** Tells this person alone, five times within half an hour; empty where Slack gave none. */
  response_url: string;
};

export type Submission = {
  id: string;
  presser: Presser;
  callback_id: string;
  private_metadata: string | undefined;
  view_id: string;
  values: Record<string, Submitted | undefined>;
};

/** A message that somebody wrote; `thread_ts` is empty outside of threads. */
export type Written = {
  presser: Presser;
  channel: string;
  channel_type: string;
  ts: string;
  thread_ts: string;
  text: string;
  /** From a person: no bot, no edit, no join. */
  by_person: boolean;
};

function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => (isRecord(inner) ? inner[name] : undefined), value);
}

function word(value: unknown, ...path: string[]): string {
  const found = at(value, ...path);
  return typeof found === 'string' ? found : '';
}

function presserOf(body: unknown): Presser {
  const team = word(body, 'team', 'id') || word(body, 'user', 'team_id');
  return { team, home: word(body, 'user', 'team_id') || team, user: word(body, 'user', 'id') };
}

/** The first action of a block_actions payload. */
export function readPress(body: unknown): Press {
  const actions = at(body, 'actions');
  const action: unknown = Array.isArray(actions) ? actions[0] : null;
  const value = at(action, 'value');
  return {
    id: `${word(body, 'user', 'id')}:${word(action, 'action_ts')}:${word(body, 'trigger_id')}`,
    presser: presserOf(body),
    action_id: word(action, 'action_id'),
    value: typeof value === 'string' ? value : undefined,
    channel: word(body, 'channel', 'id'),
    message_ts: word(body, 'message', 'ts'),
    thread_ts: word(body, 'message', 'thread_ts'),
    trigger_id: word(body, 'trigger_id'),
    response_url: word(body, 'response_url'),
  };
}

/** A view_submission payload; one element per block. */
export function readSubmission(body: unknown): Submission {
  const state = at(body, 'view', 'state', 'values');
  const values = Object.entries(isRecord(state) ? state : {}).map(([block_id, elements]) => {
    const [element] = isRecord(elements) ? Object.values(elements) : [];
    return [block_id, isRecord(element) ? element : undefined] as const;
  });
  const metadata = at(body, 'view', 'private_metadata');
  return {
    id: `${word(body, 'view', 'id')}:${word(body, 'view', 'hash')}:${word(body, 'trigger_id')}`,
    presser: presserOf(body),
    callback_id: word(body, 'view', 'callback_id'),
    private_metadata: typeof metadata === 'string' ? metadata : undefined,
    view_id: word(body, 'view', 'id'),
    values: Object.fromEntries(values),
  };
}

/** Subtypes under which a person's words come; all others are news of Slack's own. */
const WORDS_OF_PEOPLE = new Set(['', 'thread_broadcast', 'file_share']);

/** A message or app_mention event with its envelope. */
export function readWritten(body: unknown): Written {
  const event = at(body, 'event');
  const team = word(body, 'team_id');
  const by_person =
    WORDS_OF_PEOPLE.has(word(event, 'subtype')) && word(event, 'bot_id') === '' && word(event, 'user') !== '';
  return {
    presser: {
      team,
      home: word(event, 'user_team') || word(event, 'team') || team,
      user: word(event, 'user'),
    },
    channel: word(event, 'channel'),
    channel_type: word(event, 'channel_type'),
    ts: word(event, 'ts'),
    thread_ts: word(event, 'thread_ts'),
    text: plainWords(word(event, 'text')),
    by_person,
  };
}

/** Slack's own writing of a text (`<https://a|b>`, `&lt;`) as the words that a person typed. */
export function plainWords(text: string): string {
  return text
    .replace(/<(https?:[^|<>]*)(\|[^<>]*)?>/g, '$1')
    .replace(/<mailto:([^|<>]*)(\|[^<>]*)?>/g, '$1')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .trim();
}
