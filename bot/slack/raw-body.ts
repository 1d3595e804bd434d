/**
 * The bytes that a signature is over. A host that reads bodies before this app has to keep them as `rawBody`.
 * INVARIANT: what can't be verified is refused with words that say what the host has to change.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

const GONE =
  'The body of a request from Slack was read before its signature could be checked. Mount Countersign before ' +
  'express.json() and express.urlencoded(), or keep the bytes as request.rawBody in their verify option.';

type Handle = (request: IncomingMessage, response: ServerResponse, next: (error?: unknown) => void) => void;

/** The same handler, refusing what was read already; `path` is where Slack sends. */
export function needingBytes(
  path: string,
  handle: Handle,
  log: { error(fields: Record<string, unknown>, message: string): void },
): Handle {
  return (request, response, next) => {
    const [asked] = (request.url ?? '').split('?', 1);
    const gone = asked === path && request.readableDidRead && !('rawBody' in request);
    if (!gone) return handle(request, response, next);
    log.error({}, GONE);
    response.writeHead(500, { 'content-type': 'text/plain' }).end(GONE);
  };
}
