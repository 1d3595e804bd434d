/**
 * The header fields of a mail: by name, in their order, bounded in length.
 * Left out: what they mean (read-mail.ts, read-marks.ts).
 */
import type { AddressObject, HeaderLines } from 'mailparser';

/** Header fields by name in lower case, in the order in which they stand, unfolded. */
export type Headers = {
  first(name: string): string | null;
  all(name: string): string[];
  /** The addresses of a field, decoded. */
  addresses(name: string): string[];
};

/** RFC 5322 section 2.1.1: no line is longer. */
const MAX_HEADER_CHARS = 998;

/** From what mailparser tells: the lines as they came, and the fields it has decoded. */
export function headersOf(lines: HeaderLines, parsed: ReadonlyMap<string, unknown>): Headers {
  const all = (name: string) =>
    lines
      .filter(({ key }) => key === name)
      .map(({ line }) =>
        line
          .slice(line.indexOf(':') + 1)
          .replaceAll(/\s+/g, ' ')
          .trim()
          .slice(0, MAX_HEADER_CHARS),
      );
  const addresses = (name: string) =>
    [parsed.get(name)].flat().flatMap((field) => {
      const { value = [] } = (field ?? {}) as Partial<AddressObject>;
      return value.flatMap((one) => [one, ...(one.group ?? [])]).flatMap(({ address }) => address || []);
    });
  return { all, addresses, first: (name) => all(name)[0] ?? null };
}
