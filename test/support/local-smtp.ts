/**
 * A real SMTP server on the loopback, with faults at each step of a conversation; what it took can be read.
 * Left out: delivering anywhere.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

/**
 * `grey`: 451 to the recipient. `refuse`: 550 to it. `spam`: 554 after the mail. `hang` and `drop`: no answer, or a cut
 * line, after the mail was taken. `auth`: no sign-in works.
 */
export type SmtpFault = 'grey' | 'refuse' | 'spam' | 'hang' | 'drop' | 'auth';
export type TakenMail = { raw: Buffer; from: string; to: string; parsed: ParsedMail };

export type LocalSmtp = {
  port: number;
  mails: TakenMail[];
  /** How the next conversations go wrong, one fault each. */
  failNext(...faults: SmtpFault[]): void;
  /** Conversations in which a recipient was named. */
  tries(): number;
  stop(): Promise<void>;
};

function refusal(code: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode: code });
}

/** `tls`: STARTTLS is offered, with a certificate that nobody trusts. */
export async function startLocalSmtp({ tls = false, auth = false } = {}): Promise<LocalSmtp> {
  const mails: TakenMail[] = [];
  const faults: SmtpFault[] = [];
  const takeFault = (...kinds: SmtpFault[]): SmtpFault | null =>
    faults[0] && kinds.includes(faults[0]) ? (faults.shift() ?? null) : null;
  let tries = 0;
  const server = new SMTPServer({
    authOptional: !auth,
    disabledCommands: tls ? [] : ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username }, _session, done) =>
      takeFault('auth')
        ? done(refusal(535, '5.7.8 Sorry, no such user or password'))
        : done(null, { user: username }),
    onRcptTo: (_address, _session, done) => {
      tries++;
      const fault = takeFault('grey', 'refuse');
      if (fault === 'grey') return done(refusal(451, '4.7.1 Greylisted, please try again in 60 seconds'));
      if (fault === 'refuse') return done(refusal(550, '5.1.1 No such user here'));
      return done();
    },
    onData: (stream, session, done) => {
      const pieces: Buffer[] = [];
      stream.on('data', (piece: Buffer) => pieces.push(piece));
      stream.on('end', () => {
        const fault = takeFault('spam', 'hang', 'drop');
        if (fault === 'spam') return done(refusal(554, '5.7.1 Looks like spam'));
        void keep(Buffer.concat(pieces), session.envelope).then(() => {
          if (fault === 'drop') return cut(session.id);
          if (fault !== 'hang') done();
        });
      });
    },
    onConnect: (session, done) => {
      sessions.add(session.id);
      done();
    },
  });
  const sessions = new Set<string>();
  server.on('error', () => {});
  const cut = (id: string): void => {
    for (const connection of server.connections) if (connection.id === id) connection.close();
  };
  const keep = async (raw: Buffer, envelope: { mailFrom: unknown; rcptTo: { address: string }[] }) => {
    const from = (envelope.mailFrom as { address?: string } | false) || {};
    mails.push({
      raw,
      from: from.address ?? '',
      to: envelope.rcptTo[0]?.address ?? '',
      parsed: await simpleParser(raw),
    });
  };
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  return {
    port: (server.server.address() as AddressInfo).port,
    mails,
    failNext: (...more) => void faults.push(...more),
    tries: () => tries,
    stop: () =>
      new Promise((done) => {
        for (const connection of server.connections) connection.close();
        server.close(() => done());
      }),
  };
}

/** A port that takes connections and says nothing, as a server that is overloaded does. */
export async function startSilent(): Promise<{ port: number; stop(): Promise<void> }> {
  const server: Server = createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: () => new Promise((done) => server.close(() => done())),
  };
}
