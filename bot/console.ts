/**
 * The terminal as a channel, for development: prints a card whenever it changes.
 * Left out: deciding, which takes an identity that a terminal does not prove; the card says where to go.
 */
import { schemaFor } from '../schemas/templates.ts';
import { type Channel, ChannelError, type Shown } from '../server/core/channel-ports.ts';
import { card } from '../server/core/card.ts';
import { cardLines } from '../server/core/card-lines.ts';
import { visible } from '../server/core/card-text.ts';
import type { OpenChannel } from './open.ts';

type Write = (text: string) => boolean;

/** Prints through `write`, which says false when it can't. */
export function openConsole(write: Write = (text) => process.stdout.write(text) || true): OpenChannel {
  const print = (lines: readonly string[]) => {
    if (!write(`\n${lines.join('\n')}\n`)) throw new ChannelError('later', 'The terminal takes nothing.');
  };
  const channel: Channel = {
    name: 'console',
    post: async (to, shown) => {
      print(linesOf(shown));
      return { ...to, approval_id: shown.approval.id, ref: shown.approval.id };
    },
    update: async (_posted, shown) => print(linesOf(shown)),
    say: async ({ approval_id }, message) =>
      print([`[${approval_id}] ${visible(message.author.name)}: ${visible(message.content)}`]),
    // What a terminal showed has scrolled away: after a stop in between, a card is shown again.
    find: () => Promise.resolve(null),
  };
  return { channel, close: () => Promise.resolve() };
}

function linesOf({ approval }: Shown): string[] {
  const schema = schemaFor(approval.type, approval.escalation_schema);
  const shown = card(approval, schema, {
    locale: 'en',
    time_zone: 'UTC',
    now_ms: Date.parse(approval.updated_at),
  });
  const { outcome } = shown;
  const decided = outcome?.by ? ` by ${outcome.by}` : '';
  return [
    `[${approval.id}] ${shown.risk.word}: ${shown.question.text}`,
    `  ${shown.status.word}${decided}. Asked by ${shown.who.asks}, until ${shown.expires.text}.`,
    ...cardLines(shown).map(({ depth, text }) => `  ${'  '.repeat(depth)}${text}`),
    ...shown.says.flatMap(({ label, lines }) => [`  ${label}:`, ...lines.map((line) => `    ${line}`)]),
    `  ${approval.url}`,
  ];
}
