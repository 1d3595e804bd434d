/** The live feed: Server-Sent Events of a workspace or of one approval. */
import { Type } from 'typebox';
import type { UseCases } from '../../app/use-cases.ts';
import { invalid, type Refusal } from '../../core/commands.ts';
import { type Route, streamRoute } from '../route.ts';
import { eventText } from '../sse.ts';

/** Two numbers that a double and a BIGINT both hold. */
const CURSOR = /^\d{1,15}\.\d{1,15}$/;

export function liveRoutes({ feed }: UseCases): Route[] {
  return [
    streamRoute({
      method: 'GET',
      path: '/v1/events',
      name: 'events.stream',
      embed: 'view',
      summary: 'Server-Sent Events, resumable by Last-Event-ID',
      query: Type.Object({
        approval_id: Type.Optional(Type.String({ maxLength: 60, description: 'Only this approval.' })),
        last_event_id: Type.Optional(
          Type.String({ maxLength: 40, description: 'Where the header can’t be sent.' }),
        ),
      }),
      reply: null,
      status: 200,
      codes: ['invalid_input'],
      stream: async ({ principal, query, last_event_id, signal }, stream) => {
        const after = last_event_id ?? query.last_event_id ?? null;
        if (after !== null && !CURSOR.test(after)) return badCursor();
        const stop = await feed.subscribe(
          principal,
          { approval_id: query.approval_id ?? null, after },
          {
            // Opens the stream; not earlier, or what commits meanwhile is missed by one who was told it listens.
            begin: () => void stream.write(': connected\n\n'),
            deliver: (item) => stream.write(eventText(item)),
            drained: stream.drained,
            end: stream.end,
          },
        );
        signal.addEventListener('abort', stop);
        if (signal.aborted) stop();
        return null;
      },
    }),
  ];
}

function badCursor(): Refusal {
  const message = 'is not an id that this feed gave out';
  return invalid({ location: 'header/last-event-id', message });
}
