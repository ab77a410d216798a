import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filter_query, item_fits, item_of, split_items, value_of } from '../../src/model/filters';
import { build_link, pages, parse_link, start, type Route, type Vocabulary } from '../../src/state/link';

const vocabulary: Vocabulary = {
  kinds: new Map([['country', 'text'], ['age', 'number'], ['subscription', 'boolean'], ['since', 'date'], ['column.page', 'text']] as const),
  segments: new Set(['champions', 'at_risk', 'a,b']),
  bins: { r_score: 5, f_score: 5 },
};
const text = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' }).filter((each) => each.isWellFormed());
const items = (each: fc.Arbitrary<string>) => fc.uniqueArray(each, { minLength: 1, maxLength: 4 });
const filters = fc.record(
  { country: items(text.map(item_of)), 'column.page': items(text.map(item_of)), age: items(fc.constantFrom('~', '18..24', '..30', '65..', '41')), subscription: items(fc.constantFrom('true', 'false', '~')), since: items(fc.constant('2023-01-01..')) },
  { requiredKeys: [] },
);
const route: fc.Arbitrary<Route> = fc.record({
  page: fc.constantFrom(...pages.filter((page) => page !== 'segment')), segment: fc.subarray(['champions', 'at_risk', 'a,b']), metric: fc.constantFrom('customers', 'monetary'), table: fc.constantFrom('delta', 'value'),
  filters, cells: fc.subarray(['55', '54', '11']), sort: fc.constantFrom('-monetary', 'name', 'recency_days'), q: fc.constantFrom('', '12 3+4', 'a&b=c,d%'), after: fc.constantFrom('', 'c50'),
  customer: fc.option(fc.integer({ min: 1, max: 1e9 })), movers: fc.constantFrom('movers', 'all'), draft: fc.constantFrom('', 'my-draft_2'),
});

describe('links', () => {
  it('bring back the view they were made from', () => {
    fc.assert(fc.property(route, (route) => {
      const { route: back, dropped } = parse_link(`?${build_link(route)}`, vocabulary);
      expect(back).toEqual(route);
      expect(dropped).toEqual([]);
    }));
  });
  it('carry only what differs', () => {
    expect(build_link(start())).toBe('');
    expect(build_link({ ...start(), filters: { country: ['GB', 'DE'], age: ['25..34'] }, cells: ['55', '54'], segment: ['at_risk'] })).toBe('segment=at_risk&country=GB,DE&age=25..34&cells=55,54');
  });
  it('are read in either spelling of a comma', () => {
    expect(parse_link('?country=GB%2CDE', vocabulary).route.filters).toEqual({ country: ['GB', 'DE'] });
  });
  it('lose what is rubbish and say so', () => {
    const { route, dropped } = parse_link('?page=nowhere&cells=55,99&age=34..25&country=&segment=nobody&foo=1&customer=-1&metric=x&__proto__=1', vocabulary);
    expect(route).toEqual({ ...start(), cells: ['55'] });
    expect(new Set(dropped)).toEqual(new Set(['page', 'cells', 'age', 'country', 'segment', 'foo', 'customer', 'metric', '__proto__']));
  });
  it('never throw, and are stable once read', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (rubbish) => {
      for (const words of [vocabulary, null]) {
        const once = parse_link(`?${rubbish}`, words).route;
        expect(parse_link(`?${build_link(once)}`, words).route).toEqual(once);
      }
    }));
    fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom('page', 'cells', 'segment', 'age', 'country', 'sort', 'q', 'customer', 'draft'), fc.string())), (pairs) => {
      const once = parse_link(`?${new URLSearchParams(pairs)}`, vocabulary).route;
      expect(parse_link(`?${build_link(once)}`, vocabulary).route).toEqual(once);
    }));
  });
});

describe('filter items', () => {
  it('survive any text', () => {
    fc.assert(fc.property(fc.uniqueArray(text, { minLength: 1 }), (values) => {
      const query = new URLSearchParams(filter_query({ x: values.map(item_of) }));
      expect(split_items(query.get('x')!).map(value_of)).toEqual(values);
    }));
  });
  it('fit their column or do not', () => {
    for (const [kind, item, fits] of [
      ['number', '25..34', true], ['number', '-1.5..', true], ['number', '..', false], ['number', '3..2', false], ['number', 'x', false], ['number', '1e5', false], ['number', '~', true],
      ['boolean', 'true', true], ['boolean', 'yes', false], ['date', '2023-01-01', true], ['date', '2023-1-1', false], ['date', '2024-01-01..2023-01-01', false], ['text', 'anything', true],
    ] as const)
      expect(item_fits(kind, item), `${kind} ${item}`).toBe(fits);
  });
});
