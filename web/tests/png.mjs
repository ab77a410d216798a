// Small pictures of screens without a tool: at most 256 colours, and several frames as one animated PNG.
import { deflateSync, inflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex'), colours_max = 256, channels = 3;
/** Two colours nearer than this are one: less than an eye can tell on a screen. */
const near = 40;
const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
const crc = (bytes) => (bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), 0xffffffff) ^ 0xffffffff) >>> 0;
const u32 = (...values) => Buffer.concat(values.map((value) => Buffer.from(Uint32Array.of(value).buffer).swap32()));
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  return Buffer.concat([u32(data.length), body, u32(crc(body))]);
}

/** The pixels of a browser's screenshot: eight bits a channel, no opacity, not interlaced. */
function pixels(png) {
  const data = [];
  let width = 0, height = 0;
  for (let at = signature.length; at < png.length; ) {
    const length = png.readUInt32BE(at), type = png.toString('latin1', at + 4, at + 8);
    if (type === 'IHDR') {
      [width, height] = [png.readUInt32BE(at + 8), png.readUInt32BE(at + 12)];
      if (png.readUInt16BE(at + 16) !== 0x0802) throw new Error('only true colour without opacity');
    } else if (type === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data)), stride = width * channels, out = Buffer.alloc(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)], row = y * stride;
    for (let x = 0; x < stride; x++) {
      const left = x >= channels ? out[row + x - channels] : 0, up = y ? out[row + x - stride] : 0, corner = y && x >= channels ? out[row + x - stride - channels] : 0;
      const [pl, pu, pc] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
      const guess = [0, left, up, (left + up) >> 1, pl <= pu && pl <= pc ? left : pu <= pc ? up : corner][filter];
      out[row + x] = raw[y * (stride + 1) + 1 + x] + guess;
    }
  }
  return { width, height, out };
}

/** The commonest colours that differ, and each pixel as the nearest of them; one list for all pictures. */
function reduce(pictures) {
  const counts = new Map();
  for (const { out } of pictures) for (let i = 0; i < out.length; i += channels) counts.set(out.readUIntBE(i, 3), (counts.get(out.readUIntBE(i, 3)) ?? 0) + 1);
  const distance = (a, b) => ((a >> 16) - (b >> 16)) ** 2 + (((a >> 8) & 255) - ((b >> 8) & 255)) ** 2 + ((a & 255) - (b & 255)) ** 2;
  const palette = [];
  for (const [colour] of [...counts].sort((a, b) => b[1] - a[1])) {
    if (palette.length === colours_max) break;
    if (palette.every((other) => distance(colour, other) > near)) palette.push(colour);
  }
  const nearest = new Map();
  const place = (colour) => {
    if (!nearest.has(colour)) nearest.set(colour, palette.reduce((best, other, i) => (distance(colour, other) < distance(colour, palette[best]) ? i : best), 0));
    return nearest.get(colour);
  };
  const frames = pictures.map(({ width, height, out }) => {
    const lines = Buffer.alloc(height * (width + 1)); // each line begins with filter 0
    for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = place(out.readUIntBE((y * width + x) * channels, 3));
    return deflateSync(lines, { level: 9, memLevel: 9 });
  });
  return { palette: Buffer.concat(palette.map((colour) => u32(colour << 8 >>> 0).subarray(0, 3))), frames };
}

/** Screenshots of one size, each with how long it stays in milliseconds; more than one plays for ever. */
export function small_png(shots) {
  const pictures = shots.map(({ png }) => pixels(png)), [{ width, height }] = pictures, { palette, frames } = reduce(pictures);
  const parts = [signature, chunk('IHDR', Buffer.concat([u32(width, height), Buffer.of(8, 3, 0, 0, 0)]))], moves = frames.length > 1;
  if (moves) parts.push(chunk('acTL', u32(frames.length, 0)));
  parts.push(chunk('PLTE', palette));
  let sequence = 0;
  frames.forEach((data, i) => {
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(shots[i].ms ?? 0, 0);
    delay.writeUInt16BE(1000, 2);
    if (moves) parts.push(chunk('fcTL', Buffer.concat([u32(sequence++, width, height, 0, 0), delay])));
    parts.push(i ? chunk('fdAT', Buffer.concat([u32(sequence++), data])) : chunk('IDAT', data));
  });
  return Buffer.concat([...parts, chunk('IEND', Buffer.alloc(0))]);
}
