/**
 * Which addresses may be called: the public ones, and those that the operator lists.
 *
 * INVARIANT: an address that is not plainly public is refused: private, loopback, link-local, shared, metadata,
 * multicast, reserved, documentation, and every IPv6 form that carries an IPv4 address inside.
 * Left out: names and URLs (guard.ts).
 */
import { BlockList, isIP } from 'node:net';

/** IANA special-purpose registry for IPv4 (RFC 6890 and its updates), and 168.63.129.16: Azure's own services. */
const NOT_PUBLIC_V4: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['168.63.129.16', 32],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** All that is global unicast today. Loopback, unique local, link-local, multicast and NAT64 lie outside. */
const PUBLIC_V6: [string, number] = ['2000::', 3];
/** Inside it, but not public: protocol assignments with Teredo, documentation, 6to4. */
const NOT_PUBLIC_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const notPublicV4 = listOf(NOT_PUBLIC_V4, 'ipv4');
const publicV6 = listOf([PUBLIC_V6], 'ipv6');
const notPublicV6 = listOf(NOT_PUBLIC_V6, 'ipv6');

function listOf(nets: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [net, prefix] of nets) list.addSubnet(net, prefix, family);
  return list;
}

/** True for an address of the public internet; false for any other, and for text that is no address. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !notPublicV4.check(address, 'ipv4');
    case 6:
      // A zone (fe80::1%eth0) belongs to a link, never to the internet.
      return !address.includes('%') && publicV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6');
    default:
      return false;
  }
}

/** What the operator lists: hosts by name, and addresses by number or CIDR. */
export type Allowed = {
  host(name: string): boolean;
  address(address: string): boolean;
  /** True when a name may lead to a listed address, which only resolving it can tell. */
  anyAddress: boolean;
};

/** Reads entries such as `crm.internal`, `10.1.0.0/16`, `127.0.0.1`. Throws one sentence that names a wrong one. */
export function readAllowed(entries: readonly string[]): Allowed {
  const hosts = new Set<string>();
  const nets = new BlockList();
  for (const entry of entries) {
    const [net = '', prefix] = entry.split('/');
    const family = isIP(net);
    const most = family === 4 ? 32 : 128;
    const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (family !== 0 && bits >= 0 && bits <= most) nets.addSubnet(net, bits, family === 4 ? 'ipv4' : 'ipv6');
    else if (prefix === undefined && isHostName(entry)) hosts.add(entry.toLowerCase());
    else throw new Error(`OUTBOUND_ALLOW holds "${entry}", which is neither a host name nor a CIDR.`);
  }
  return {
    host: (name) => hosts.has(name),
    address: (address) => isIP(address) !== 0 && nets.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6'),
    anyAddress: nets.rules.length > 0,
  };
}

function isHostName(text: string): boolean {
  // A name whose last part is a number would be read as an IPv4 address (WHATWG URL, "ends in a number").
  return /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]*[a-z0-9_])?\.)*[a-z]([a-z0-9-]*[a-z0-9])?$/i.test(text);
}
