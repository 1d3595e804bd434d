/**
 * A Countersign with a mail channel that keeps what it would send, and a browser of few words: cookies, forms and the
 * headers that a real one adds, over plain HTTP.
 */
import assert from 'node:assert/strict';
import pino from 'pino';
import type { Approval } from '../../schemas/approval.ts';
import type { Member, Role } from '../../schemas/people.ts';
import type { Channel, MailLinks, Notice } from '../../server/core/channel-ports.ts';
import type { Clock, Executor, Store } from '../../server/core/ports.ts';
import type { FirstRun } from '../../server/app/first-run.ts';
import { eventually } from './eventually.ts';
import { fakeChannel } from './fake-channel.ts';
import { call } from './call.ts';
import { ask, type EngineName, type Running, startCountersign } from './server.ts';

export type Sent = { to: string; notice: Notice };

export type MailServer = Running & {
  sent: Sent[];
  /** Every line that was logged, as text. */
  logged: string[];
  /** A member with a mail address. */
  addMember(role: Role, name: string, email: string): Promise<Member>;
  /** The links of a mail about an approval, as the mail channel makes them. */
  links(approval: Approval, email: string): Promise<MailLinks>;
  /** The next notice of a kind to an address; waits for it. */
  notice<K extends Notice['kind']>(
    kind: K,
    to: string,
    after?: number,
  ): Promise<Extract<Notice, { kind: K }>>;
  ask(more?: Record<string, unknown>): Promise<Approval>;
  read(id: string): Promise<Approval>;
};

type Options = {
  clock?: Clock;
  engine?: EngineName;
  executor?: Executor | null;
  seed?: (store: Store, first: FirstRun) => Promise<void>;
};

export async function startMailServer(options: Options = {}): Promise<MailServer> {
  const sent: Sent[] = [];
  const logged: string[] = [];
  const log = pino({ level: 'debug', base: null }, { write: (line: string) => void logged.push(line) });
  const channel: Channel = {
    ...fakeChannel('email').channel,
    notify: async ({ to }, notice) => void sent.push({ to, notice }),
  };
  const entry = {
    name: 'email' as const,
    default_to: null,
    open: async () => ({ channel, close: async () => {} }),
  };
  const server = await startCountersign({ ...options, channels: [entry], log });
  const { url, keys, cases, first } = server;
  return {
    ...server,
    sent,
    logged,
    addMember: async (role, name, email) => {
      const made = await call<Member>(url, keys.personal, 'POST', '/v1/members', { name, role, email });
      assert.equal(made.status, 201, made.text);
      return made.body;
    },
    links: async (approval, to) => {
      const links = await cases.mail_tokens.links(
        { workspace_id: first.workspace_id, channel: 'email', to },
        approval,
      );
      assert.ok(links, `${to} is a member`);
      return links;
    },
    notice: (kind, to, after = 0) =>
      eventually(`a ${kind} notice to ${to}`, async () => {
        // On a clock that stands still nothing else would wake the worker.
        await cases.worker.runDue();
        const found = sent.slice(after).find((one) => one.to === to && one.notice.kind === kind);
        return found ? (found.notice as Extract<Notice, { kind: typeof kind }>) : null;
      }),
    ask: (more) => ask(server, more),
    read: async (id) => (await call<Approval>(url, keys.personal, 'GET', `/v1/approvals/${id}`)).body,
  };
}

export type Page = { status: number; text: string; headers: Headers; location: string | null };

/** Keeps cookies, and sends what a browser sends. */
export type Visitor = {
  get(path: string, headers?: Record<string, string>, method?: string): Promise<Page>;
  post(
    path: string,
    fields: Record<string, string> | [string, string][],
    headers?: Record<string, string>,
  ): Promise<Page>;
  /** Opens a page and sends its first form with these fields beside the hidden ones. */
  submit(path: string, fields: Record<string, string>, action?: string): Promise<Page>;
  cookies: Map<string, string>;
};

/** `url` is the server's; paths may be whole addresses of it. */
export function visitor(url: string): Visitor {
  const cookies = new Map<string, string>();
  type Init = { method: string; body?: string; headers: Record<string, string> };
  const go = async (path: string, init: Init): Promise<Page> => {
    const Cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(new URL(path, url), {
      ...init,
      redirect: 'manual',
      headers: { ...(Cookie === '' ? {} : { Cookie }), ...init.headers },
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      if (/Max-Age=0\b/.test(line)) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    const { status, headers } = response;
    return { status, headers, text: await response.text(), location: headers.get('location') };
  };
  const post: Visitor['post'] = (path, fields, headers = {}) =>
    go(path, {
      method: 'POST',
      body: new URLSearchParams(fields).toString(),
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        // As browsers send the form of a page that gives no referrer.
        Origin: 'null',
        'Sec-Fetch-Site': 'same-origin',
        ...headers,
      },
    });
  const get: Visitor['get'] = (path, headers = {}, method = 'GET') => go(path, { method, headers });
  return {
    cookies,
    get,
    post,
    submit: async (path, fields, action = path) => {
      const page = await get(path);
      return post(action, { ...hiddenOf(page.text), ...fields });
    },
  };
}

/** The hidden fields of a page; every form of ours has the same nonce. */
export function hiddenOf(text: string): Record<string, string> {
  const found = text.matchAll(/<input\s+type="hidden"\s+name="(\w+)"\s+value="([^"]*)"/g);
  return Object.fromEntries([...found].map(([, name = '', value = '']) => [name, value]));
}

/** A page's words, without markup. */
export function wordsOf(text: string): string {
  const body = text.replace(/<script[^]*?<\/script>/g, '').replace(/<[^>]*>/g, ' ');
  return body
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}
