/**
 * Opens mail as a channel: checks the signing key, and takes the pool or the mailbox for development.
 * Invariant: a key that can't sign stops the start with one sentence.
 */
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChannelParts } from '../../server/core/channel-ports.ts';
import type { EmailConfig, OpenChannel } from '../open.ts';
import type { Compose, Dkim } from './compose.ts';
import { createDevMail } from './dev-mail.ts';
import { createEmailChannel } from './email-channel.ts';
import type { Inbound } from './inbound.ts';

const now = (): number => Date.now();

export async function openEmail(config: EmailConfig, parts: ChannelParts): Promise<OpenChannel> {
  const { from, smtp, replies } = config;
  const dkim = config.dkim && readKey(config.dkim);
  const compose = lazily(async () => (await import('./compose.ts')).createCompose(from, dkim));
  const base = { door: parts.door, sender: from, replies, now, compose };
  const { transport, handle } = smtp
    ? { transport: (await import('./transport.ts')).createSmtp(smtp), handle: undefined }
    : createDevMail(parts.public_url, now);
  const inbound = await receiving(config, parts);
  const channel = createEmailChannel({ ...base, transport });
  const handles = [handle, inbound?.handle].filter((one) => one !== undefined);
  return {
    channel: inbound ? { ...channel, redo: inbound.redo } : channel,
    handle: (request, response, next) => {
      const ways = handles.values();
      const go = (error?: unknown): void => {
        const way = error === undefined ? ways.next().value : undefined;
        if (way) way(request, response, go);
        else next(error);
      };
      go();
    },
    close: async () => {
      await inbound?.close();
      transport.close();
    },
  };
}

/** The receiving half, where mails come in; what reads mails is loaded only then. */
async function receiving(config: EmailConfig, parts: ChannelParts): Promise<Inbound | null> {
  const { from, inbound_secret: secret = null, imap_url = null } = config;
  if (secret === null && imap_url === null) return null;
  const { openInbound } = await import('./inbound.ts');
  return openInbound(parts, { own: from.address, secret, imap_url });
}

/** Without a server to send to, nothing of nodemailer is loaded before the first mail. */
function lazily(load: () => Promise<Compose>): Compose {
  let loading: Promise<Compose> | null = null;
  return async (mail, cover) => (await (loading ??= load()))(mail, cover);
}

function readKey({ key_file, selector }: { key_file: string; selector: string }): Dkim {
  let private_key: string;
  try {
    private_key = readFileSync(key_file, 'utf8');
  } catch (error) {
    const { code = 'unknown error' } = error as { code?: string };
    throw new Error(`DKIM_KEY_FILE can't be read (${code}): ${key_file}`, { cause: error });
  }
  let kind: string | undefined;
  try {
    kind = createPrivateKey(private_key).asymmetricKeyType;
  } catch (error) {
    throw new Error('DKIM_KEY_FILE holds no private key in PEM form.', { cause: error });
  }
  if (kind === 'rsa') return { selector, private_key };
  throw new Error(`DKIM_KEY_FILE holds a key of the kind ${kind}; mails are signed with rsa.`);
}
