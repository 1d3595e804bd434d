/**
 * A small IMAP server on the loopback, for one mailbox: as much of RFC 9051 as a client needs that signs in, selects,
 * searches for what is unseen, fetches it, flags it and idles. It keeps a log of the commands that it got.
 */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

export type FakeImap = {
  url: string;
  /** The commands that came, without their tags. */
  commands: string[];
  /** Delivers a mail, and tells clients that idle. */
  deliver: (raw: string) => number;
  isSeen: (uid: number) => boolean;
  count: () => number;
  /** Ends all connections; new ones are refused while `refuse` is true. */
  drop: (refuse?: boolean) => void;
  connections: () => number;
  stop: () => Promise<void>;
};

type Mail = { uid: number; raw: Buffer; seen: boolean };
/** `known`: how many mails it was told of. */
type Client = { socket: Socket; idling: string | null; known: number };

export async function startFakeImap(options: { idle?: boolean } = {}): Promise<FakeImap> {
  const { idle = true } = options;
  const mails: Mail[] = [];
  const commands: string[] = [];
  const clients = new Set<Client>();
  let refused = false;
  const capability = `CAPABILITY IMAP4rev1${idle ? ' IDLE' : ''}`;

  /** What a server says beside any answer once there is more (RFC 9051 section 7.4.1). */
  const news = (client: Client): string => {
    if (client.known === mails.length) return '';
    client.known = mails.length;
    return `* ${mails.length} EXISTS\r\n`;
  };
  const selected = (): string =>
    `* FLAGS (\\Seen)\r\n* ${mails.length} EXISTS\r\n* 0 RECENT\r\n` +
    `* OK [PERMANENTFLAGS (\\Seen)] ok\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT ${mails.length + 1}] ok\r\n`;

  const answer = (client: Client, tag: string, line: string): string => {
    const [verb = ''] = line.toUpperCase().split(' ');
    const rest = line.slice(verb.length + 1);
    switch (verb) {
      case 'CAPABILITY':
        return `* ${capability}\r\n${tag} OK done\r\n`;
      case 'LOGIN':
        return /secret/.test(rest)
          ? `${tag} OK [${capability}] in\r\n`
          : `${tag} NO [AUTHENTICATIONFAILED] no\r\n`;
      case 'LIST':
        return `* LIST (\\HasNoChildren) "/" "INBOX"\r\n${tag} OK done\r\n`;
      case 'SELECT':
        client.known = mails.length;
        return `${selected()}${tag} OK [READ-WRITE] done\r\n`;
      case 'NOOP':
        return `${news(client)}${tag} OK done\r\n`;
      case 'IDLE':
        client.idling = tag;
        return `+ idling\r\n${news(client)}`;
      case 'LOGOUT':
        return `* BYE bye\r\n${tag} OK done\r\n`;
      case 'UID':
        return uid(tag, rest);
      default:
        return `${tag} BAD not known here\r\n`;
    }
  };
  const uid = (tag: string, line: string): string => {
    const [verb = '', id = ''] = line.split(' ');
    const mail = mails.find((one) => one.uid === Number(id));
    const place = mail ? mails.indexOf(mail) + 1 : 0;
    switch (verb.toUpperCase()) {
      case 'SEARCH':
        return `* SEARCH ${mails
          .filter(({ seen }) => !seen)
          .map((one) => one.uid)
          .join(' ')}\r\n${tag} OK done\r\n`;
      case 'FETCH': {
        if (!mail) return `${tag} OK nothing\r\n`;
        const [, start = '0', most] = /BODY\.PEEK\[\]<(\d+)\.(\d+)>/i.exec(line) ?? [];
        const bytes = mail.raw.subarray(0, most === undefined ? mail.raw.length : Number(most));
        const item = most === undefined ? 'BODY[]' : `BODY[]<${start}>`;
        return `* ${place} FETCH (UID ${mail.uid} ${item} {${bytes.length}}\r\n${bytes.toString('latin1')})\r\n${tag} OK done\r\n`;
      }
      case 'STORE':
        if (mail && /\+FLAGS.*\\Seen/i.test(line)) mail.seen = true;
        return `${mail ? `* ${place} FETCH (UID ${mail.uid} FLAGS (\\Seen))\r\n` : ''}${tag} OK done\r\n`;
      default:
        return `${tag} BAD not known here\r\n`;
    }
  };

  const server = createServer((socket) => {
    if (refused) return void socket.destroy();
    const client: Client = { socket, idling: null, known: 0 };
    clients.add(client);
    socket.on('close', () => clients.delete(client));
    socket.on('error', () => undefined);
    socket.write(`* OK [${capability}] ready\r\n`);
    let pending = '';
    socket.on('data', (chunk: Buffer) => {
      pending += chunk.toString('latin1');
      for (let end = pending.indexOf('\r\n'); end >= 0; end = pending.indexOf('\r\n')) {
        const line = pending.slice(0, end);
        pending = pending.slice(end + 2);
        if (client.idling !== null && line.toUpperCase() === 'DONE') {
          socket.write(`${client.idling} OK done\r\n`);
          client.idling = null;
          continue;
        }
        const at = line.indexOf(' ');
        commands.push(line.slice(at + 1));
        socket.write(answer(client, line.slice(0, at), line.slice(at + 1)), 'latin1');
        if (/^LOGOUT/i.test(line.slice(at + 1))) socket.end();
      }
    });
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `imap://ben:secret@127.0.0.1:${port}/INBOX`,
    commands,
    deliver: (raw) => {
      const mail = { uid: mails.length + 1, raw: Buffer.from(raw), seen: false };
      mails.push(mail);
      for (const client of clients) if (client.idling !== null) client.socket.write(news(client));
      return mail.uid;
    },
    isSeen: (uid_) => mails.find((one) => one.uid === uid_)?.seen ?? false,
    count: () => mails.length,
    drop: (refuse = false) => {
      refused = refuse;
      for (const { socket } of clients) socket.destroy();
    },
    connections: () => clients.size,
    stop: async () => {
      for (const { socket } of clients) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
