import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { group, mean_monetary, read_cells, sum } from '../../src/model/aggregate';
import { cell_text, parse_cell } from '../../src/model/cell';
import { decimal, minor, units } from '../../src/model/money';
import { make_mart } from '../../mock/mart';
import { parse_filter } from '../../mock/filter';
import { cube, segments } from '../../mock/summary';

const mart = make_mart({ customers: 3000, seed: 7, variant: 'plain', previous: false });

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
  const query = fc.record({
    country: fc.subarray(['US', 'GB', 'DE', 'FR']),
    age: fc.option(fc.tuple(fc.integer({ min: 18, max: 80 }), fc.integer({ min: 18, max: 80 })), { nil: undefined }),
    subscription: fc.option(fc.boolean(), { nil: undefined }),
    cells: fc.subarray(['55', '54', '11', '32']),
  });
  it('adds up to the segments under any filter', () => {
    fc.assert(fc.property(query, ({ country, age, subscription, cells }) => {
      const text = new URLSearchParams();
      if (country.length) text.set('country', country.join(','));
      if (age) text.set('age', `${Math.min(...age)}..${Math.max(...age)}`);
      if (subscription !== undefined) text.set('subscription', String(subscription));
      if (cells.length) text.set('cells', cells.join(','));
      const filter = parse_filter(mart, text);
      const answer = segments(mart, filter);
      const read = read_cells(cube(mart, filter, true), 2);
      const by_segment = group(read, (cell) => cell.segment_id);
      expect(sum(read).customers).toBe(answer.filtered.customers);
      expect(decimal(sum(read).monetary, 2)).toBe(answer.filtered.monetary);
      for (const segment of answer.segments) {
        const sums = by_segment.get(segment.segment_id);
        expect(sums?.customers ?? 0).toBe(segment.customers);
        expect(decimal(sums?.monetary ?? 0n, 2)).toBe(segment.monetary);
        if (sums) expect(mean_monetary(sums, 2)).toBeCloseTo(segment.mean_monetary!, 8);
        else expect(segment.mean_monetary).toBe(null);
      }
      expect(sum(read_cells(cube(mart, filter, false), 2))).toEqual(sum(read));
    }), { numRuns: 40 });
  });
});
