/**
 * What a channel is opened with, and what it is then: the shapes that the registry and the channels share.
 * Left out: which channels there are (registry.ts).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Channel } from '../server/core/channel-ports.ts';
import type { SlackOAuth } from '../server/core/installations.ts';

/** A channel that works. */
export type OpenChannel = {
  channel: Channel;
  /** Its own HTTP endpoints, called before anything has read a body; calls `next` for what is not its own. */
  handle?: (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;
  /** Where it can be installed into workspaces of its vendor. */
  oauth?: SlackOAuth;
  /** Ends connections; what runs is finished first, for at most a few seconds. */
  close(): Promise<void>;
};

/**
 * `app_token` means Socket Mode; `api_url` is another root of the Web API, for tests. A bot token serves one Slack
 * workspace; `oauth` is for any number. One of the two is there.
 */
export type SlackConfig = {
  bot_token: string | null;
  oauth?: { client_id: string; client_secret: string } | null;
  signing_secret: string | null;
  app_token: string | null;
  default_channel: string | null;
  api_url: string | null;
};
/**
 * `smtp` null keeps mails in memory, for development (/dev/mail). `replies`: what people and mail servers answer comes in
 * on this server.
 */
export type EmailConfig = {
  from: { name: string; address: string };
  smtp: SmtpServer | null;
  dkim: { key_file: string; selector: string } | null;
  /** Whether replies come in by one of the next two. */
  replies: boolean;
  inbound_secret?: string | null;
  imap_url?: string | null;
};
/** Where to hand mails in. `tls`: from the first byte, required before anything else, where it is offered, or never. */
export type SmtpServer = {
  host: string;
  port: number;
  tls: 'at once' | 'required' | 'offered' | 'never';
  auth: { user: string; pass: string } | null;
};
