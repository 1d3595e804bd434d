/**
 * Makes a screenshot small: the 8-bit RGB(A) PNG that a browser writes, as a PNG with a palette of 255 colours.
 * Good enough for flat pages. Left out: interlacing, transparency, and everything browsers don't write.
 */
import { crc32, deflateSync, inflateSync } from 'node:zlib';

const HEAD = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const MAX_COLOURS = 255;

/** The same picture with a palette; colours beyond the most frequent ones become their nearest. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, pixels, bytes } = decoded(png);
  const counts = new Map<number, number>();
  const colourAt = (n: number): number =>
    ((pixels[n * bytes] ?? 0) << 16) | ((pixels[n * bytes + 1] ?? 0) << 8) | (pixels[n * bytes + 2] ?? 0);
  for (let n = 0; n < width * height; n++) counts.set(colourAt(n), (counts.get(colourAt(n)) ?? 0) + 1);
  const palette = paletteOf(counts);
  const index = new Map(palette.map((colour, n) => [colour, n]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let n = 0; n < width * height; n++) {
    const colour = colourAt(n);
    const place = index.get(colour) ?? nearest(palette, colour);
    index.set(colour, place);
    rows[Math.floor(n / width) * (width + 1) + 1 + (n % width)] = place;
  }
  const size = Buffer.alloc(13);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  size.set([8, 3, 0, 0, 0], 8);
  const colours = Buffer.from(palette.flatMap((c) => [c >> 16, (c >> 8) & 255, c & 255]));
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    HEAD,
    chunk('IHDR', size),
    chunk('PLTE', colours),
    chunk('IDAT', data),
    chunk('IEND'),
  ]);
}

/**
 * The most frequent colour of each of the 255 most frequent neighbourhoods: the many shades of letters' edges would
 * else leave no room for a colour that is rare and means something.
 */
function paletteOf(counts: ReadonlyMap<number, number>): number[] {
  const near = new Map<number, { colour: number; most: number; all: number }>();
  for (const [colour, count] of counts) {
    // Four bits of each channel.
    const place = ((colour >> 12) & 0xf00) | ((colour >> 8) & 0xf0) | ((colour >> 4) & 0xf);
    const known = near.get(place) ?? { colour, most: 0, all: 0 };
    const first = count > known.most ? { colour, most: count } : known;
    near.set(place, { ...first, all: known.all + count });
  }
  return [...near.values()]
    .toSorted((a, b) => b.all - a.all)
    .slice(0, MAX_COLOURS)
    .map(({ colour }) => colour);
}

function nearest(palette: readonly number[], colour: number): number {
  const distance = (other: number): number =>
    [16, 8, 0].reduce((sum, bits) => sum + (((other >> bits) & 255) - ((colour >> bits) & 255)) ** 2, 0);
  let best = 0;
  for (const [n, other] of palette.entries()) {
    if (distance(other) < distance(palette[best] ?? 0)) best = n;
  }
  return best;
}

function chunk(name: string, data: Buffer = Buffer.alloc(0)): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function decoded(png: Buffer): { width: number; height: number; pixels: Buffer; bytes: number } {
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  }
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  // PNG section 11.2.1: colour type 6 has an alpha channel, 2 has none.
  const bytes = png[25] === 6 ? 4 : 3;
  const raw = inflateSync(Buffer.concat(parts));
  const pixels = Buffer.alloc(width * height * bytes);
  for (let y = 0; y < height; y++) unfilter(raw, pixels, y, width * bytes, bytes);
  return { width, height, pixels, bytes };
}

/** One row back to its bytes (PNG section 9.2). */
function unfilter(raw: Buffer, pixels: Buffer, y: number, line: number, bytes: number): void {
  const filter = raw[y * (line + 1)];
  for (let x = 0; x < line; x++) {
    const a = x < bytes ? 0 : (pixels[y * line + x - bytes] ?? 0);
    const b = y === 0 ? 0 : (pixels[(y - 1) * line + x] ?? 0);
    const c = x < bytes || y === 0 ? 0 : (pixels[(y - 1) * line + x - bytes] ?? 0);
    const by =
      filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : filter === 4 ? paeth(a, b, c) : 0;
    pixels[y * line + x] = (raw[y * (line + 1) + 1 + x] ?? 0) + by;
  }
}

function paeth(a: number, b: number, c: number): number {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)];
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}
