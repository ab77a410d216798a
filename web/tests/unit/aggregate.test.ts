import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { group, mean_frequency, mean_monetary, mean_recency, overlay_share, read_cells, sum } from '../../src/model/aggregate';
import { cell_text, parse_cell } from '../../src/model/cell';
import { decimal, minor, units } from '../../src/model/money';


describe('money', () => {
  it('comes back as it was', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 4 }), (value, scale) => void expect(minor(decimal(value, scale), scale)).toBe(value)));
  });
  it('is exact beyond doubles', () => {
    expect(decimal(minor('90071992547409.93', 2) + minor('0.01', 2), 2)).toBe('90071992547409.94');
    expect(minor('-0.05', 2)).toBe(-5n);
    expect(minor('7', 2)).toBe(700n);
    expect(decimal(-5n, 2)).toBe('-0.05');
    expect(units(12345n, 2)).toBe(123.45);
  });
});

describe('grid cells', () => {
  it('are read as they are written', () => {
    const bins = { r_score: 12, f_score: 12 };
    fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }), (r, f) => void expect(parse_cell(cell_text({ r, f }), bins)).toEqual({ r, f })));
  });
  it('outside the bins are none', () => {
    for (const text of ['', '0', '5', '06', '60', '65', '555', '5-', '-5', '5-6', 'ab']) expect(parse_cell(text, { r_score: 5, f_score: 5 }), text).toBe(null);
  });
});

describe('the cube', () => {
  const score = fc.integer({ min: 1, max: 5 });
  const cell = fc.record({
    r_score: score, f_score: score, m_score: score, segment_id: fc.constantFrom('best', 'new', 'rest'), customers: fc.integer({ min: 1, max: 1e6 }),
    monetary: fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }).map((minor_units) => decimal(minor_units, 2)), frequency: fc.integer({ min: 1, max: 1e9 }), recency_days: fc.nat(1e9), overlay: fc.option(fc.nat(1000)),
  });
  it('adds up to its segments, to the last unit of money', () => {
    fc.assert(fc.property(fc.array(cell, { maxLength: 125 }), (cells) => {
      const read = read_cells(cells, 2), segments = group(read, ({ segment_id }) => segment_id);
      expect(sum(segments.values())).toEqual(sum(read));
      expect(sum(read).monetary).toBe(cells.reduce((total, { monetary }) => total + minor(monetary, 2), 0n));
    }));
  });
  it('gives means of what it sums, and none of nobody', () => {
    const two = read_cells([1, 2].map((i) => ({ r_score: i, f_score: 1, m_score: 1, customers: i, monetary: `${i}0.50`, frequency: 3 * i, recency_days: 30, overlay: 1 })), 2);
    expect(mean_monetary(sum(two), 2)).toBeCloseTo(31 / 3, 12);
    expect([mean_frequency(sum(two)), mean_recency(sum(two)), overlay_share(sum(two))]).toEqual([3, 20, 2 / 3]);
    expect([mean_monetary(sum([]), 2), mean_recency(sum([]))]).toEqual([null, null]);
  });
});
