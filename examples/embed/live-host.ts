/**
 * A host whose own users decide in its own page: it knows who is signed in and what is theirs, and gets an embed token for
 * exactly that. Another origin than Countersign, under a strict policy with Trusted Types.
 *
 *   npm run build
 *   COUNTERSIGN_SERVICE_KEY=… node examples/embed/live-host.ts
 *
 * Register its origin once as an admin (POST /v1/origins), ask for something with `user_id: "alex"`, and open the address
 * that it prints with the id of the approval.
 */
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

const HERE = new URL('./', import.meta.url);
const DIST = new URL('../../dist/', import.meta.url);
const FILES: Record<string, { file: URL; type: string }> = {
  '/': { file: new URL('live.html', HERE), type: 'text/html; charset=utf-8' },
  '/live.js': { file: new URL('live.js', HERE), type: 'text/javascript' },
  '/dist/human-approval-view.js': { file: new URL('human-approval-view.js', DIST), type: 'text/javascript' },
  '/dist/human-approval-parts.js': {
    file: new URL('human-approval-parts.js', DIST),
    type: 'text/javascript',
  },
};
/** Who is signed in to the host. A real one has a session; here the cookie says it. */
const USERS: Record<string, string> = { alex: 'Alex Example', kim: 'Kim Example' };

export type LiveHostOptions = {
  /** Where Countersign is, and the service key that stays here. */
  server: string;
  service_key: string;
  /** Told of each token, for whoever wants to end one early. */
  onToken?: (id: string) => void;
};

type Countersign = <T>(method: string, path: string, body?: unknown) => Promise<T | null>;

/** The host, not listening yet. */
export function createLiveHost({ server, service_key, onToken }: LiveHostOptions): Server {
  const policy = `default-src 'self'; connect-src 'self' ${server}; require-trusted-types-for 'script'; trusted-types lit-html`;
  const countersign: Countersign = async (method, path, body) => {
    const answer = await fetch(server + path, {
      method,
      headers: { authorization: `Bearer ${service_key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return answer.ok ? ((await answer.json()) as never) : null;
  };
  const token = async (request: IncomingMessage, response: ServerResponse, approval_id: string) => {
    const user_id = /\buser=(\w+)/.exec(request.headers.cookie ?? '')?.[1] ?? '';
    const name = USERS[user_id];
    const { host, origin } = request.headers;
    if (!name || origin !== `http://${host}`) return response.writeHead(401).end();
    // What somebody may decide on is the host's to say: here, what an agent does on their account.
    const path = `/v1/approvals/${encodeURIComponent(approval_id)}`;
    const approval = await countersign<{ user_id: string | null }>('GET', path);
    if (approval?.user_id !== user_id) return response.writeHead(403).end();
    const made = await countersign<{ id: string }>('POST', '/v1/embed-tokens', {
      user_id,
      name,
      origin,
      approvals: [approval_id],
      scope: ['view', 'comment', 'decide'],
    });
    if (!made) return response.writeHead(502).end();
    onToken?.(made.id);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    return response.end(JSON.stringify({ ...made, server }));
  };
  const page = async (path: string, response: ServerResponse) => {
    const found = FILES[path];
    if (!found) return response.writeHead(404).end();
    const headers = { 'content-type': found.type, 'content-security-policy': policy };
    return response.writeHead(200, headers).end(await readFile(found.file));
  };
  return createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const done =
      request.method === 'POST' && pathname === '/embed-token'
        ? token(request, response, searchParams.get('approval') ?? '')
        : page(pathname, response);
    done.catch(() => response.writeHead(500).end());
  });
}

if (process.argv[1] === import.meta.filename) {
  const server = process.env['COUNTERSIGN_SERVER'] ?? 'http://127.0.0.1:3100';
  const service_key = process.env['COUNTERSIGN_SERVICE_KEY'];
  if (!service_key) throw new Error('Set COUNTERSIGN_SERVICE_KEY to a service key.');
  const port = Number(process.env['PORT'] ?? 3201);
  createLiveHost({ server, service_key }).listen(port, '127.0.0.1', () => {
    process.stdout.write(`http://127.0.0.1:${port}/?user=alex&approval=apr_…\n`);
  });
}
