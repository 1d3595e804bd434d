/**
 * The fake client of the component tests behind HTTP, with the built elements on a page: what a person meets end to
 * end, without a store. Every answer of a page has the strict policy, and reports of it are kept.
 * Left out: keys, workspaces, and everything that an agent calls.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Responding } from '../../client/client.ts';
import type { Settling } from '../../components/api.ts';
import type { Approval } from '../../schemas/approval.ts';
import { type FakeClient, fakeClient } from '../components/fake-client.ts';
import { STRICT_POLICY } from './view-page.ts';

export type FakeApi = { origin: string; fake: FakeClient; stop(): void };

const TYPES: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };

/** `/` is the inbox, `/view?id=` one approval; `lang=de` loads the words of that language too. */
export async function startFakeApi(
  approvals: readonly Approval[],
  { clock_ms }: { clock_ms?: number } = {},
): Promise<FakeApi> {
  const fake = fakeClient(approvals);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    // The pages of these tests live at a time of their own.
    response.sendDate = false;
    if (clock_ms !== undefined) response.setHeader('date', new Date(clock_ms).toUTCString());
    answer(fake, request, response, url).catch((error: unknown) => refuse(response, error));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fake,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function page(element: string, lang: string | null): string {
  const name = /^<([\w-]+)/.exec(element)?.[1] ?? '';
  const words = lang ? `<script type="module" src="/assets/human-approval-words-${lang}.js"></script>` : '';
  return `<!doctype html><html lang="${lang ?? 'en-GB'}"><head><meta charset="utf-8"><title>Requests</title>
    <meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/assets/page.css">
    <script type="module" src="/assets/${name}.js"></script>${words}</head><body><main>${element}</${name}></main></body></html>`;
}

async function answer(
  fake: FakeClient,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const { pathname, searchParams } = url;
  const asset = /^\/assets\/([\w-]+\.(js|css))$/.exec(pathname);
  const html = { 'content-type': 'text/html', 'content-security-policy': STRICT_POLICY };
  if (asset) {
    const source = readFileSync(new URL(`../../dist/${asset[1]}`, import.meta.url));
    response.writeHead(200, { 'content-type': TYPES[asset[2] ?? ''] }).end(source);
  } else if (pathname === '/') {
    response
      .writeHead(200, html)
      .end(page('<human-approval-inbox time-zone="UTC">', searchParams.get('lang')));
  } else if (pathname === '/view') {
    const id = encodeURIComponent(searchParams.get('id') ?? '');
    response
      .writeHead(200, html)
      .end(page(`<human-approval-view time-zone="UTC" approval-id="${id}">`, searchParams.get('lang')));
  } else if (pathname === '/v1/events') await feed(fake, request, response);
  else {
    const found = await call(fake, request, url);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(found));
  }
}

async function call({ client }: FakeClient, request: IncomingMessage, url: URL): Promise<unknown> {
  const body = request.method === 'POST' ? await bodyOf(request) : {};
  const [, , , id = '', part] = url.pathname.split('/');
  const { approvals } = client;
  if (url.pathname === '/v1/me') return client.me();
  if (id === '') return approvals.list(Object.fromEntries(url.searchParams));
  if (id === 'count') return approvals.count(Object.fromEntries(url.searchParams));
  if (id === 'decide') return approvals.decide?.(body as Parameters<NonNullable<typeof approvals.decide>>[0]);
  if (part === 'respond') return approvals.respond(id, body as Responding);
  if (part === 'events') return approvals.events(id);
  if (part === 'settle') return approvals.settle?.(id, body as Settling);
  if (part !== 'messages') return approvals.get(id);
  return request.method === 'POST'
    ? approvals.sendMessage(id, String((body as { content?: string }).content))
    : approvals.getMessages(id);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString());
}

async function feed(
  { client }: FakeClient,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  request.on('close', () => gone.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(': hello\n\n');
  for await (const event of client.events({ signal: gone.signal })) {
    if (gone.signal.aborted) return;
    response.write(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`);
  }
}

/** The problem that the fake client threw, or what went wrong in here. */
function refuse(response: ServerResponse, error: unknown): void {
  const { status = 500, problem = { code: 'internal', detail: String(error) } } = error as {
    status?: number;
    problem?: unknown;
  };
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify(problem));
}
