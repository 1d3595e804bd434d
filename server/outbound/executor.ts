/**
 * Runs an approved request: the exact bytes, one stable Idempotency-Key, and an answer that is capped and kept.
 *
 * INVARIANT: without a target that honours that key, a request that may have arrived is never sent again.
 * Left out: what may be run at all, which the record says (server/app/execution.ts).
 */
import type { Approval } from '../../schemas/approval.ts';
import { sendableOf, withoutSecrets } from '../core/frozen-request.ts';
import type { Executor, Outbound, RunMode, RunOutcome, Sent } from '../core/ports.ts';
import { retryAfter } from '../core/retry.ts';

const TOTAL_MS = 30_000;
/** A result rides along with its approval in lists, events and webhooks. */
const MAX_RESULT_BYTES = 16_384;
const KEPT_HEADERS = [
  'content-type',
  'content-length',
  'date',
  'etag',
  'idempotency-replayed',
  'location',
  'request-id',
  'retry-after',
  'x-request-id',
];
/** Worth another try where the key makes it safe. */
const RETRYABLE = new Set([408, 409, 425, 429]);
/** A gateway says that it does not know what became of the call (RFC 9110 section 15.6). */
const UNKNOWN = new Set([502, 504]);

export function createExecutor(outbound: Outbound, clock: { now(): number }, total_ms = TOTAL_MS): Executor {
  return {
    run: async (approval, frozen, mode) => {
      const sendable = sendableOf(approval, frozen);
      if ('problem' in sendable) return { outcome: 'failed', error: `${sendable.problem} Nothing was sent.` };
      const { secrets, ...call } = sendable;
      const sent = await outbound.send({
        ...call,
        headers: { 'user-agent': 'Countersign', ...call.headers, ...ours(approval, mode.key) },
        total_ms,
        max_bytes: MAX_RESULT_BYTES,
        // A kept connection that dies leaves open whether the request arrived.
        reuse: false,
      });
      return outcomeOf(withoutSecretsIn(sent, secrets), mode, clock.now());
    },
  };
}

function ours({ id }: Approval, key: string): Record<string, string> {
  return { 'idempotency-key': key, 'countersign-approval': id };
}

function withoutSecretsIn(sent: Sent, secrets: readonly string[]): Sent {
  if (secrets.length === 0 || sent.kind !== 'answered') return sent;
  const clean = (text: string) => withoutSecrets(text, secrets);
  const headers = Object.entries(sent.headers).map(([name, value]) => [name, clean(value)]);
  return { ...sent, body: clean(sent.body), headers: Object.fromEntries(headers) as Record<string, string> };
}

function outcomeOf(sent: Sent, { repeatable }: RunMode, now_ms: number): RunOutcome {
  switch (sent.kind) {
    case 'refused':
      return { outcome: 'failed', error: `${sent.error} Nothing was sent.` };
    case 'not_sent':
      return { outcome: 'retry', error: `Not sent: ${sent.error}.`, after_ms: null, may_have_run: false };
    case 'lost': {
      const error = `Sent, and then ${sent.error}; it may or may not have run.`;
      return repeatable
        ? { outcome: 'retry', error, after_ms: null, may_have_run: true }
        : { outcome: 'lost', error };
    }
    case 'answered':
      return answered(sent, repeatable, now_ms);
    default:
      return sent satisfies never;
  }
}

type Answered = Extract<Sent, { kind: 'answered' }>;

function answered(sent: Answered, repeatable: boolean, now_ms: number): RunOutcome {
  const { status, headers } = sent;
  const result = resultOf(sent);
  if (status >= 200 && status < 300) return { outcome: 'executed', result };
  const error = `The target answered ${status}.`;
  if (repeatable && (status >= 500 || RETRYABLE.has(status))) {
    const after_ms = retryAfter(headers['retry-after'], now_ms);
    return { outcome: 'retry', error, after_ms, may_have_run: UNKNOWN.has(status) };
  }
  if (UNKNOWN.has(status)) return { outcome: 'lost', error: `${error} It may or may not have run.` };
  const redirect = status >= 300 && status < 400 ? ' Redirects are never followed.' : '';
  return { outcome: 'failed', error: `${error}${redirect}`, result };
}

/** What is kept of an answer: JSON as it is, anything else as text. */
function resultOf({ status, headers, body, truncated }: Answered): Record<string, unknown> {
  const kept = Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => (headers[name] === undefined ? [] : [[name, headers[name]]])),
  );
  return {
    status,
    headers: kept,
    body: truncated ? body : jsonOr(body),
    ...(truncated ? { truncated: true } : {}),
  };
}

function jsonOr(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
