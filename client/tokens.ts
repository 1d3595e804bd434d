/**
 * The token of a call: asked for anew each time, or, where it says when it ends, used until shortly before.
 * Left out: trying again after a 401, which is each client's own.
 */

/** A key or token. One with its end is kept until shortly before; the answer that minted an embed token fits as it is. */
export type Token = string | { token: string; expires_at: string };
export type TokenProvider = () => Token | Promise<Token>;

/** A token is replaced so long before its end: a call takes its time. */
const SPARE_MS = 20_000;

/** Gives the token of a call at this time (ms); `anew` when the last one was refused. */
export function keeping(
  provider: () => Token | null | Promise<Token | null>,
): (now_ms: number, anew: boolean) => Promise<string | null> {
  let key: string | null = null;
  let ends_ms = 0;
  return async (now_ms, anew) => {
    if (anew || ends_ms < now_ms + SPARE_MS) {
      const given = await provider();
      const { token, expires_at } = Object(given) as { token?: string; expires_at?: string };
      key = token ?? (given as string | null);
      // Without an end, or with one that can't be read, it is asked for anew each time.
      ends_ms = Date.parse(expires_at ?? '') || 0;
    }
    return key;
  };
}
