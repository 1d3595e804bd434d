/**
 * Where a link may lead. Invariant: https and mailto only; anything else stays text, and the host is for showing.
 */
import { visible } from './card-text.ts';

export type Link = { href: string | null; host: string | null };

const NOWHERE: Link = { href: null, host: null };
const ADDRESS = /^[^\s@:/?#]+@[^\s@:/?#]+$/;

/** The link of an address or a bare mail address; `href` is null where it may not be followed. */
export function safeLink(text: string): Link {
  if (ADDRESS.test(text)) return { href: `mailto:${encodeURI(text)}`, host: null };
  const url = URL.parse(text);
  if (url?.protocol === 'mailto:') return { href: url.href, host: null };
  // A name before the host ("https://bank.example@evil.example/") only serves to mislead.
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return NOWHERE;
  return { href: url.href, host: visible(url.host) };
}
