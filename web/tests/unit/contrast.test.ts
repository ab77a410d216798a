import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Reads tokens.css itself: axe cannot see through every oklch mix. */
const css = readFileSync(new URL('../../src/styles/tokens.css', import.meta.url), 'utf8');
type Tokens = Record<string, string>;
function tokens(selector: string): Tokens {
  const body = css.slice(css.indexOf(`${selector} {`)).split('}')[0]!;
  return Object.fromEntries([...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map((match) => [match[1]!, match[2]!]));
}
const light = tokens(':root'), dark = { ...light, ...tokens(":root[data-theme='dark']") };
type Colour = [number, number, number];

function oklch(l: number, c: number, h: number): Colour {
  const a = c * Math.cos((h * Math.PI) / 180), b = c * Math.sin((h * Math.PI) / 180);
  const [x, y, z] = [l + 0.3963377774 * a + 0.2158037573 * b, l - 0.1055613458 * a - 0.0638541728 * b, l - 0.0894841775 * a - 1.291485548 * b].map((each) => each ** 3) as Colour;
  const clamp = (value: number) => Math.min(1, Math.max(0, value));
  return [4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z, -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z, -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z].map(clamp) as Colour;
}
/** As linear light. */
function colour(text: string): Colour {
  const hex = /^#([0-9a-f]{6})$/.exec(text)?.[1];
  if (hex) return [0, 2, 4].map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as Colour;
  const [l, c, h] = /^oklch\(([^)]+)\)$/.exec(text)![1]!.split(' ').map(Number);
  return oklch(l!, c!, h!);
}
const luminance = ([r, g, b]: Colour) => 0.2126 * r + 0.7152 * g + 0.0722 * b;
function contrast(a: Colour, b: Colour) {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}
const encode = (value: number) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);
const decode = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
/** A see-through layer over a ground, as a browser lays it. */
const over = (layer: Colour, ground: Colour, share: number) => layer.map((each, i) => decode(share * encode(each) + (1 - share) * encode(ground[i]!))) as Colour;
const families = { core: [168, -0.06, 1, 0], growing: [258, 0, 1, 0], slipping: [72, 0, 1, 0], dormant: [285, 0.03, 0, 0.03] } as const;

for (const [theme, set] of Object.entries({ light, dark })) {
  const of = (name: string) => colour(set[name]!);
  describe(`contrast in ${theme}`, () => {
    it.each([
      ...['ink', 'ink-2', 'ink-3'].flatMap((ink) => ['bg', 'surface', 'sunken', 'hover'].map((ground) => [ink, ground])),
      ['accent-ink', 'accent-soft'], ['accent-ink', 'surface'], ['on-accent', 'accent'], ['good', 'surface'], ['bad', 'surface'], ['good', 'sunken'], ['bad', 'sunken'], ['warn', 'surface'],
    ])('%s on %s is text', (ink, ground) => expect(contrast(of(ink!), of(ground!))).toBeGreaterThanOrEqual(4.5));
    it.each([['good', 'surface'], ['bad', 'surface'], ['good', 'hover'], ['bad', 'hover']])('%s on its own darkest tint over %s is text', (ink, ground) => expect(contrast(of(ink!), over(of(ink!), of(ground!), 0.15))).toBeGreaterThanOrEqual(4.5));
    it('the darkest grid cell carries ink', () => expect(contrast(of('ink'), over(of('accent'), of('sunken'), 0.52))).toBeGreaterThanOrEqual(4.5));
    it.each(['good', 'bad'])('the strongest %s cell of the overlay grid carries ink', (mark) => expect(contrast(of('ink'), over(of(mark), of('sunken'), 0.34))).toBeGreaterThanOrEqual(4.5));
    it.each([['ring', 'surface'], ['ring', 'bg'], ['accent', 'surface'], ['control', 'surface'], ['control', 'bg']])('%s on %s is a mark', (mark, ground) => expect(contrast(of(mark!), of(ground!))).toBeGreaterThanOrEqual(3));
    it.each(Object.entries(families))('family %s has text and marks that are seen', (_, [hue, lift, coloured, text_lift]) => {
      const value = (name: string) => Number(set[name]);
      const tint = oklch(value('tint-l'), coloured ? value('tint-c') : 0.008, hue);
      const mark = oklch(value('mark-l') + lift, coloured ? value('mark-c') : 0.015, hue);
      const text = oklch(value('text-l') + text_lift, coloured ? value('text-c') : 0.015, hue);
      expect(contrast(text, tint)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(mark, of('surface'))).toBeGreaterThanOrEqual(3);
    });
  });
}
