/**
 * One HTTP call over kept connections, timed. Plain node:http, which costs the least beside what it measures.
 */
import { Agent, request } from 'node:http';

export type Answered = {
  status: number;
  text: string;
  /** When the whole answer was here (performance.now()). */
  at_ms: number;
  /** From sending to the whole answer. */
  took_ms: number;
};

export type Caller = {
  call: (method: 'GET' | 'POST', path: string, body?: string) => Promise<Answered>;
  /** Calls that wait for an answer are cut. */
  close: () => void;
};

/** Calls under one key; at most so many connections at a time. */
export function createCaller(url: string, key: string | null, connections = 1): Caller {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const authorization = key === null ? {} : { authorization: `Bearer ${key}` };
  return {
    call: (method, path, body) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : lengthOf(body);
        const from_ms = performance.now();
        const sent = request(new URL(path, url), { method, agent, headers: { ...authorization, ...length } });
        sent.once('error', reject);
        sent.once('response', (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.once('error', reject);
          response.once('end', () => {
            const at_ms = performance.now();
            resolve({ status: response.statusCode ?? 0, text, at_ms, took_ms: at_ms - from_ms });
          });
        });
        sent.end(body);
      }),
    close: () => agent.destroy(),
  };
}

function lengthOf(body: string): Record<string, string | number> {
  return { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
}

/** The JSON of an answer; throws on another status, with what was said. */
export function jsonOf(answered: Answered, status = 200): unknown {
  if (answered.status !== status)
    throw new Error(`answered ${answered.status} instead of ${status}: ${answered.text.slice(0, 300)}`);
  return JSON.parse(answered.text);
}
