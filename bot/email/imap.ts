/**
 * Mails that come in through a mailbox: what is unseen is taken one at a time, oldest first.
 *
 * INVARIANT: a mail is marked as seen only after it was stored or is known to do nothing; nothing is ever deleted.
 * INVARIANT: a connection that fails is made again, later and later, for as long as the server runs.
 * Left out: what a mail does (receiving.ts).
 */
import type { ImapFlow } from 'imapflow';
import { MAX_MAIL_BYTES } from './read-mail.ts';
import type { Receiving } from './receiving.ts';

/** A mailbox that is open. */
export type ImapBox = {
  /** Ids of mails that nobody has seen, oldest first. */
  unseen(): Promise<number[]>;
  /** The bytes of a mail, or a little more than the most that is read; null when it is gone. */
  raw(id: number): Promise<Uint8Array | null>;
  markSeen(id: number): Promise<void>;
  /** Called when something came, and when the connection ended. */
  onNews(call: () => void): void;
  isOpen(): boolean;
  close(): Promise<void>;
};

export type ImapPolling = { close(): Promise<void> };

type Deps = {
  connect: () => Promise<ImapBox>;
  receive: Receiving['receive'];
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
};
export type ImapPace = {
  /** Where the server doesn't say that something came. */
  look_ms: number;
  first_pause_ms: number;
  longest_pause_ms: number;
};

const PACE: ImapPace = { look_ms: 60_000, first_pause_ms: 1_000, longest_pause_ms: 300_000 };

const STOP_MS = 3_000;

/** Begins at once and goes on until it is closed. */
export function createImapPolling({ connect, receive, log }: Deps, pace: ImapPace = PACE): ImapPolling {
  const state = { closed: false, failures: 0, wake: () => {} };
  const pause = (ms: number) =>
    new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      timer.unref();
      state.wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  const lookAt = async (box: ImapBox): Promise<void> => {
    for (const id of await box.unseen()) {
      if (state.closed) return;
      const raw = await box.raw(id);
      if (!raw) continue;
      await receive(raw);
      await box.markSeen(id);
    }
  };
  const stay = async (box: ImapBox): Promise<void> => {
    const news = { came: false };
    box.onNews(() => {
      news.came = true;
      state.wake();
    });
    while (!state.closed && box.isOpen()) {
      news.came = false;
      await lookAt(box);
      state.failures = 0;
      // What came while it looked has rung already.
      if (!news.came && box.isOpen() && !state.closed) await pause(pace.look_ms);
    }
  };
  const run = async (): Promise<void> => {
    while (!state.closed) {
      let box: ImapBox | null = null;
      try {
        box = await connect();
        await stay(box);
        if (!state.closed) throw new Error('the mailbox closed the connection');
      } catch (error) {
        if (!state.closed)
          log.warn({ err: error, failures: state.failures + 1 }, 'mails can’t be fetched now');
      }
      await box?.close().catch(() => undefined);
      const wait = Math.min(pace.longest_pause_ms, pace.first_pause_ms * 2 ** state.failures++);
      if (!state.closed) await pause(wait);
    }
  };
  const running = run();
  return {
    close: async () => {
      state.closed = true;
      state.wake();
      // A connection that is only being made holds nothing that could be lost.
      await Promise.race([running, within(STOP_MS)]);
    },
  };
}

function within(ms: number): Promise<void> {
  return new Promise((done) => void setTimeout(done, ms).unref());
}

/** Opens the mailbox of an `imaps://user:password@host:port/folder` URL; imapflow is loaded only here. */
export async function openImapBox(url: string): Promise<ImapBox> {
  const { ImapFlow } = await import('imapflow');
  const { protocol, hostname, port, username, password, pathname } = new URL(url);
  const secure = protocol === 'imaps:';
  const flow = new ImapFlow({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: Number(port || (secure ? 993 : 143)),
    secure,
    // A password goes in the clear to this very machine only.
    ...(secure || isLoopback(hostname) ? {} : { doSTARTTLS: true }),
    auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    logger: false,
    autoIdleDelay: IDLE_AFTER_MS,
    connectionTimeout: CONNECT_MS,
  });
  // Told by `isOpen`, and by the call that was running.
  flow.on('error', () => undefined);
  await flow.connect();
  await flow.mailboxOpen(decodeURIComponent(pathname.slice(1)) || 'INBOX');
  return boxOf(flow);
}

const IDLE_AFTER_MS = 200;
const CONNECT_MS = 20_000;

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.');
}

function boxOf(flow: ImapFlow): ImapBox {
  let open = true;
  const calls: (() => void)[] = [];
  const ring = () => {
    for (const call of calls) call();
  };
  flow.on('exists', ring);
  flow.on('close', () => {
    open = false;
    ring();
  });
  return {
    unseen: async () => {
      const found = await flow.search({ seen: false }, { uid: true });
      if (!found) throw new Error('the mailbox could not be searched');
      return found.toSorted((a, b) => a - b);
    },
    raw: async (uid) => {
      // One byte more than is read: so a mail that is too large is seen to be.
      const query = { source: { start: 0, maxLength: MAX_MAIL_BYTES + 1 } };
      const found = await flow.fetchOne(String(uid), query, { uid: true });
      return found && found.source ? found.source : null;
    },
    markSeen: async (uid) => {
      if (!(await flow.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true })))
        throw new Error('a mail could not be marked as seen');
    },
    onNews: (call) => void calls.push(call),
    isOpen: () => open,
    close: async () => {
      if (open) await flow.logout().catch(() => undefined);
      flow.close();
    },
  };
}
