/**
 * The guard of everything that goes out: which URL may be called, and which address a name may lead to.
 *
 * INVARIANT: no connection is opened to an address that is neither public nor listed, however it is written and
 * whatever its name resolved to before: the addresses are checked in the very lookup that the socket connects with.
 * INVARIANT: plain http, and ports other than 443 and 8443, are for listed hosts and addresses only.
 * Left out: redirects, which nothing here follows, and proxies, which nothing here uses.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type Allowed, isPublic, readAllowed } from './addresses.ts';

export type Resolve = (
  name: string,
  options: { all: true },
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** Where a call may go: the parsed URL, and the lookup that its socket must use. */
export type Way = { url: URL; lookup: LookupFunction };

export type Guard = {
  /** What stands against a URL, as the end of a sentence; null when only its name's addresses are left to check. */
  issueOf: (url: string) => string | null;
  /** The way to a URL; throws an AddressRefused when something stands against it. */
  wayTo(url: string): Way;
};

/** Thrown before a connection is opened. */
export class AddressRefused extends Error {
  override name = 'AddressRefused';
}

const OPEN_PORTS = ['', '8443'];
const ASK = 'the operator can list it in OUTBOUND_ALLOW';

/** `resolve` is the system's unless a test brings its own. */
export function createGuard(allow: readonly string[], resolve: Resolve = systemLookup): Guard {
  const allowed = readAllowed(allow);
  const check = (text: string): { url: URL; host: string } | { issue: string } => {
    const url = URL.parse(text);
    if (!url) return { issue: 'is not a URL' };
    if (url.protocol !== 'https:' && url.protocol !== 'http:')
      return { issue: 'must begin with https:// or http://' };
    if (url.username !== '' || url.password !== '')
      return { issue: 'holds a user name or password; send them as a header' };
    const host = hostOf(url);
    const issue = hostIssue(host, allowed) ?? transportIssue(url, host, allowed);
    return issue === null ? { url, host } : { issue };
  };
  return {
    issueOf: (text) => {
      const checked = check(text);
      return 'issue' in checked ? checked.issue : null;
    },
    wayTo: (text) => {
      const checked = check(text);
      if ('issue' in checked) throw new AddressRefused(`The address ${checked.issue}.`);
      const { url, host } = checked;
      const listedOnly = !isOpen(url);
      const permits = (address: string) =>
        allowed.host(host) || allowed.address(address) || (!listedOnly && isPublic(address));
      return { url, lookup: checkedLookup(resolve, permits) };
    },
  };
}

/** The name or address without brackets and without the dot that ends an absolute name. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function hostIssue(host: string, allowed: Allowed): string | null {
  if (allowed.host(host)) return null;
  if (isIP(host) !== 0) {
    if (isPublic(host) || allowed.address(host)) return null;
    return `is a private or reserved address, which is not called; ${ASK}`;
  }
  const local = host === 'localhost' || host.endsWith('.localhost');
  return local && !allowed.anyAddress ? `is this machine itself, which is not called; ${ASK}` : null;
}

function isOpen(url: URL): boolean {
  return url.protocol === 'https:' && OPEN_PORTS.includes(url.port);
}

function transportIssue(url: URL, host: string, allowed: Allowed): string | null {
  if (isOpen(url) || allowed.host(host)) return null;
  if (isIP(host) === 0 ? allowed.anyAddress : allowed.address(host)) return null;
  if (url.protocol === 'http:') return `must begin with https://; ${ASK} for plain http`;
  return `must use port 443 or 8443; ${ASK} for others`;
}

/** A lookup for sockets that gives no address unless every address of the name may be called. */
function checkedLookup(resolve: Resolve, permits: (address: string) => boolean): LookupFunction {
  return (name, options, done) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '', 0);
      // All of them: a name with a public and a private address is a trap, not a choice.
      const bad = addresses.find(({ address }) => !permits(address));
      const [first] = addresses;
      if (bad || !first)
        return done(new AddressRefused(`${name} leads to an address that is not called; ${ASK}.`), '', 0);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };
}
