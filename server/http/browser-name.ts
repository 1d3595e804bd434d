/** What a browser calls itself, in one word: enough to know one's own again in a list of sessions. */

/** The first that fits counts: most of them also name those below. */
const FAMILIES: readonly [pattern: RegExp, name: string][] = [
  [/\bEdgA?(iOS)?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS|HeadlessChrome)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/\bcurl\//, 'curl'],
];

const SYSTEMS: readonly [pattern: RegExp, name: string][] = [
  [/\b(iPhone|iPad|iPod)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

/** "Firefox on Linux"; "unknown" where it does not say. */
export function browserName(user_agent: string | undefined): string {
  const named = (list: typeof FAMILIES) =>
    list.find(([pattern]) => pattern.test(user_agent ?? ''))?.[1] ?? null;
  const family = named(FAMILIES);
  if (family === null) return 'unknown';
  const system = named(SYSTEMS);
  return system === null ? family : `${family} on ${system}`;
}
