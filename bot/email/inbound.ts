/**
 * The receiving half of the mail channel, put together: the HTTP endpoint, the mailbox, and what both lead to.
 * Left out: sending.
 */
import type { Channel, ChannelParts } from '../../server/core/channel-ports.ts';
import type { OpenChannel } from '../open.ts';
import { createImapPolling, type ImapPace, openImapBox } from './imap.ts';
import { createInboundHttp } from './inbound-http.ts';
import { createReceiving } from './receiving.ts';

export type InboundConfig = {
  /** The address that we send from, without a name. */
  own: string;
  /** Key of the signatures at POST /inbound/email; null: no such endpoint. */
  secret: string | null;
  /** `imaps://user:password@host/folder`; null: no mailbox is looked at. */
  imap_url: string | null;
  /** For tests. */
  imap_pace?: ImapPace;
};

export type Inbound = Required<Pick<OpenChannel, 'handle' | 'close'>> & Required<Pick<Channel, 'redo'>>;

/** Looks at the mailbox from now on, until it is closed. */
export function openInbound(
  { door, mail_in, log }: ChannelParts,
  { own, secret, imap_url, imap_pace }: InboundConfig,
): Inbound {
  if (!mail_in) throw new Error('mails that come in have nowhere to go');
  const receiving = createReceiving({ door, mail_in, log }, own);
  const { receive } = receiving;
  const connect = () => openImapBox(imap_url ?? '');
  const polling = imap_url === null ? null : createImapPolling({ connect, receive, log }, imap_pace);
  return {
    handle: createInboundHttp({ receive, now: () => Date.now(), log }, secret),
    redo: receiving.redo,
    close: async () => {
      await polling?.close();
      await receiving.settled();
    },
  };
}
