/** Every way to write an address that must not be called: more than 300 hosts, as they stand in a URL. */

/** One of each kind: loopback, private, shared, link-local, metadata, test nets, multicast, reserved. */
const V4 = [
  '127.0.0.1',
  '127.1.2.3',
  '0.0.0.0',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.254',
  '192.168.1.1',
  '169.254.169.254',
  '100.64.0.1',
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  '192.0.2.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
];
const V6 = [
  '::',
  '::1',
  '0:0:0:0:0:0:0:1',
  '0000:0000:0000:0000:0000:0000:0000:0001',
  'fe80::1',
  'FE80::5EFE:7F00:1',
  'febf::1',
  'fec0::1',
  'fc00::1',
  'fd00::1',
  'fd00:ec2::254',
  'fdff:ffff::1',
  'ff02::1',
  'ff0e::1',
  '100::1',
  '2001::1',
  '2001:10::1',
  '2001:20::1',
  '2001:db8::1',
  '2001:DB8:ffff::1',
  '3fff::1',
  '4000::1',
  '5f00::1',
  'fe80::1%25eth0',
  'fe80::1%25lo',
];
/** Names that lead here, or to a cloud's own services, on the machines where they exist. */
const NAMES = ['localhost', 'LOCALHOST', 'localhost.', 'x.localhost', 'ⓛocalhost'];

/** All forms, as the host of a URL. */
export function addressForms(): string[] {
  const forms = [...V4.flatMap(formsOfV4), ...V6.map((address) => `[${address}]`), ...NAMES];
  return [...new Set(forms)];
}

function formsOfV4(address: string): string[] {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  const number = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  const octal = (n: number) => `0${n.toString(8)}`;
  const hex = (n: number) => `0x${n.toString(16)}`;
  const [high, low] = [(number >>> 16).toString(16), (number & 0xffff).toString(16)];
  const inside = (n: number) => (~n & 0xffff).toString(16);
  return [
    address,
    `${address}.`,
    String(number),
    hex(number),
    `0X${number.toString(16).toUpperCase()}`,
    octal(number),
    [a, b, c, d].map(octal).join('.'),
    [a, b, c, d].map(hex).join('.'),
    [a, b, c, d].map((n) => `000${n.toString(8)}`).join('.'),
    `${hex(a)}.${b}.${octal(c)}.${d}`,
    `${a}.${b}.${(c << 8) | d}`,
    `${a}.${number & 0xffffff}`,
    `${octal(a)}.${hex(number & 0xffffff)}`,
    address.replaceAll(/\d/g, (digit) => `%3${digit}`),
    address.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    address.replaceAll('.', '。'),
    `[::ffff:${address}]`,
    `[::ffff:${high}:${low}]`,
    `[0:0:0:0:0:FFFF:${high}:${low}]`,
    `[::${address}]`,
    `[64:ff9b::${address}]`,
    `[64:ff9b:1::${high}:${low}]`,
    `[2002:${high}:${low}::1]`,
    `[2001:0:4136:e378:8000:63bf:${inside(number >>> 16)}:${inside(number)}]`,
    `[::ffff:0:${address}]`,
    `[fe80::5efe:${address}]`,
  ];
}
