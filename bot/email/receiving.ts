/**
 * Mails that come in, by whichever way: read, judged, kept, and done.
 *
 * INVARIANT: a mail is acknowledged only when it is kept, or when it is known that it does nothing.
 * INVARIANT: the same mail does one thing, however often it comes.
 * Left out: the ways (inbound-http.ts, imap.ts), and what a mail does (app/inbound-mail.ts).
 */
import { createHash } from 'node:crypto';
import type { ChannelParts, Inbound, Kept, MailIn } from '../../server/core/channel-ports.ts';
import type { InboundMail } from '../../server/core/inbound-mail.ts';
import { readMail } from './read-mail.ts';

export type Receiving = {
  /** Resolves when the mail is kept, or does nothing; throws where it has to be sent again. */
  receive: (raw: Uint8Array) => Promise<void>;
  /** As in Channel. */
  redo: (inbound: Inbound, too_late: boolean) => Promise<void>;
  /** Resolves when nothing is being done any more. */
  settled: () => Promise<void>;
};

/** What is kept until it is done. */
type Work = { kind: 'mail'; mail: InboundMail };

type Deps = Pick<ChannelParts, 'door' | 'log'> & { mail_in: MailIn };

/** `own`: the address that we send from. */
export function createReceiving(deps: Deps, own: string): Receiving {
  const { door, mail_in, log } = deps;
  const running = new Set<Promise<void>>();
  const finish = async (kept: Kept, mail: InboundMail, key: string): Promise<void> => {
    try {
      await mail_in.take(mail, key);
      await kept.done();
    } catch (error) {
      log.warn({ err: error }, 'A mail that came in is tried again');
      // Where this can't be written either, it is done again when its time is over.
      await kept.later(error).catch(() => undefined);
    }
  };
  return {
    receive: async (raw) => {
      const read = await readMail(raw, own);
      if (!read.ok) {
        log.info({ reason: read.reason, bytes: raw.byteLength }, 'a mail that came in does nothing');
        return mail_in.note(read.reason);
      }
      const { mail } = read;
      if ((await mail_in.refusalOf(mail)) !== null) return;
      const key = keyOf(mail, raw);
      const payload: Work = { kind: 'mail', mail };
      const kept = await door.keep({ channel: 'email', id: key, payload });
      if (!kept) return mail_in.note('copy');
      const work = finish(kept, mail, key).finally(() => running.delete(work));
      running.add(work);
    },
    redo: async ({ id, payload }, too_late) => {
      // Written by this program, and sealed.
      const { mail } = payload as Work;
      try {
        await mail_in.take(mail, id);
      } catch (error) {
        // A question decides nothing: it is asked however late; who can't be heard any more is told.
        if (!too_late) throw error;
        log.error({ err: error }, 'a mail that came in could not be passed on');
        await mail_in.lost(mail);
      }
    },
    settled: async () => {
      await Promise.allSettled(running);
    },
  };
}

/**
 * The same for every copy. With the sender and the address, so that nobody uses up another's Message-ID; a mail without
 * one is known by its bytes.
 */
function keyOf({ message_id, from, reply_tokens, bounce_tokens }: InboundMail, raw: Uint8Array): string {
  const hash = createHash('sha256');
  if (message_id === null) hash.update(raw);
  else hash.update(JSON.stringify([message_id, from, reply_tokens, bounce_tokens]));
  return `mail:${hash.digest('hex')}`;
}
