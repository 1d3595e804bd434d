/**
 * Instants as the wire has them: ISO 8601 in UTC with milliseconds.
 * The last one is kept, since an event and the approval it makes are of the same instant. Pure all the same: what
 * comes out depends on nothing but what goes in.
 */
const last = { ms: Number.NaN, text: '' };

export function instant(ms: number): string {
  if (ms !== last.ms) {
    last.text = new Date(ms).toISOString();
    last.ms = ms;
  }
  return last.text;
}
