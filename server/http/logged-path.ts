/**
 * What of a path may be logged.
 * INVARIANT: what follows a prefix that carries secrets (links of mails, sign-in links) never reaches a log line.
 */

const SECRET_PREFIXES = ['/r/', '/not-me/', '/mail/', '/sign-in/', '/link/'];

/** The path, cut behind a prefix that is followed by a secret: `/r/…`. */
export function loggedPath(path: string): string {
  const prefix = SECRET_PREFIXES.find((one) => path.toLowerCase().startsWith(one));
  return prefix === undefined ? path : `${prefix}…`;
}
