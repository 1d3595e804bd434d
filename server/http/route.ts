/**
 * The declaration of an endpoint: method, path, body, query, reply, codes and handler in one place.
 * OpenAPI, the documentation and the checks at the door are read from it, so they can't differ from what runs.
 */
import type { Static, TObject, TSchema } from 'typebox';
import type { EmbedScope } from '../../schemas/embed.ts';
import type { ProblemCode } from '../../schemas/problem.ts';
import type { Refusal } from '../core/commands.ts';
import type { Principal } from '../core/principal.ts';
import type { OnceKey } from '../app/once.ts';

/** What a handler receives: everything proven and checked. */
export type Call<B, Q> = {
  principal: Principal;
  params: Record<string, string>;
  query: Q;
  body: B;
  /** The received text of a top-level member of the body; undefined when it was not sent. */
  received: (member: string) => string | undefined;
  once: OnceKey | null;
  /** Aborts when the caller hangs up. */
  signal: AbortSignal;
};

/** An answer: a value, or the text of one that was written already. */
export type Reply = (
  | { body: unknown }
  | { text: string; etag?: string; replayed?: boolean }
  | { empty: true }
) & {
  /** Answered with 202 and the declared `accepted`. */
  pending?: boolean;
};

/** What a streaming handler writes to. */
export type Stream = {
  /** False when the reader is too slow and has to come back later. */
  write(chunk: string): boolean;
  /** Resolves when nothing waits to be sent, or the reader is gone; undefined when that is so already. */
  drained: () => Promise<void> | undefined;
  end: () => void;
};

type Shape<B extends TSchema, Q extends TObject> = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Express path: `/v1/approvals/:id`. */
  path: string;
  /** Stable name: `approvals.approve`. */
  name: string;
  summary: string;
  body?: B;
  query?: Q;
  reply: TSchema | null;
  status: 200 | 201 | 204;
  /** What a 202 answers: nothing is done yet, somebody has to agree first. */
  accepted?: TSchema;
  codes: readonly ProblemCode[];
  /** True where `Idempotency-Key` is heeded. */
  once?: boolean;
  /** What an embed token needs to call this; absent where none may, and then no page of another origin either. */
  embed?: EmbedScope;
};

export type Route = Shape<TSchema, TObject> & {
  handle?: (call: Call<unknown, Record<string, unknown>>) => Promise<Reply | Refusal>;
  stream?: (
    call: Call<unknown, Record<string, unknown>> & { last_event_id: string | null },
    stream: Stream,
  ) => Promise<Refusal | null>;
};

/** Declares an endpoint; the handler sees the types of its schemas. */
export function route<B extends TSchema, Q extends TObject>(
  shape: Shape<B, Q> & { handle: (call: Call<Static<B>, Static<Q>>) => Promise<Reply | Refusal> },
): Route {
  return shape as unknown as Route;
}

/** Declares an endpoint that answers with Server-Sent Events. */
export function streamRoute<Q extends TObject>(
  shape: Shape<TSchema, Q> & {
    stream: (
      call: Call<unknown, Static<Q>> & { last_event_id: string | null },
      stream: Stream,
    ) => Promise<Refusal | null>;
  },
): Route {
  return shape as unknown as Route;
}
