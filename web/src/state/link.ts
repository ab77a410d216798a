/** What a link carries: everything that makes the view, and only what differs from the default. */
import type { Meta } from '../api/schema';
import { parse_cell } from '../model/cell';
import { item_fits, item_of, join, parameter, split_items, value_of, type Filters } from '../model/filters';

export const pages = ['overview', 'segment', 'customers', 'insights', 'rules', 'quality', 'report', 'migration'] as const;
export type Page = (typeof pages)[number];
export type Measure = 'customers' | 'monetary';
export type Route = {
  page: Page;
  segment: string[];
  metric: Measure;
  table: 'delta' | 'value';
  filters: Filters;
  cells: string[];
  sort: string;
  q: string;
  after: string;
  customer: number | null;
  movers: 'movers' | 'all';
  draft: string;
};
export const default_sort = '-monetary';
export const start = (): Route => ({
  page: 'overview', segment: [], metric: 'customers', table: 'delta', filters: {}, cells: [], sort: default_sort,
  q: '', after: '', customer: null, movers: 'movers', draft: '',
});

/** What the mart knows; without it (before `/meta` came) a link is taken on trust. */
export type Vocabulary = {
  kinds: Map<string, 'text' | 'number' | 'boolean' | 'date'>;
  segments: Set<string>;
  bins: { r_score: number; f_score: number };
};
export function vocabulary_of(meta: Meta): Vocabulary {
  const own = ['recency_days', 'frequency', 'monetary', 'average_order_value', 'rfm_total'] as const;
  const kinds: Vocabulary['kinds'] = new Map(own.filter((name) => meta.columns.includes(name)).map((name) => [name, 'number']));
  for (const { param, kind } of meta.dimensions) kinds.set(param, kind);
  if (meta.previous) kinds.set('previous_segment', 'text');
  return { kinds, segments: new Set(meta.segments.map(({ segment_id }) => segment_id)), bins: meta.bins };
}

const sorts = /^-?(name|customers|monetary|mean_monetary|frequency|recency_days|average_order_value|overlay|customer_id|source_customer_id|rfm_total)$/;
const text_max = 4096;

/** Never throws: whatever is not understood is left out and named in `dropped`. */
export function parse_link(search: string, vocabulary: Vocabulary | null): { route: Route; dropped: string[] } {
  const route = start();
  const dropped: string[] = [];
  const seen = new Set<string>();
  for (const [key, value] of new URLSearchParams(search)) {
    if (seen.has(key) || value === '' || value.length > text_max || !take(route, key, value, vocabulary, dropped)) dropped.push(key);
    seen.add(key);
  }
  if (route.page === 'segment' && route.segment.length !== 1) {
    route.page = 'overview';
    dropped.push('page');
  }
  return { route, dropped: [...new Set(dropped)] };
}

function take(route: Route, key: string, value: string, vocabulary: Vocabulary | null, dropped: string[]): boolean {
  switch (key) {
    case 'page':
      if (!pages.includes(value as Page)) return false;
      route.page = value as Page;
      return true;
    case 'segment': {
      const ids = [...new Set(split_items(value).map(value_of))];
      route.segment = vocabulary ? ids.filter((id) => vocabulary.segments.has(id)) : ids;
      return route.segment.length === ids.length && ids.length > 0;
    }
    case 'cells': {
      const cells = [...new Set(split_items(value))];
      route.cells = vocabulary ? cells.filter((cell) => parse_cell(cell, vocabulary.bins)) : cells;
      return route.cells.length === cells.length && cells.length > 0;
    }
    case 'metric':
      if (value !== 'monetary' && value !== 'customers') return false;
      route.metric = value;
      return true;
    case 'table':
      if (value !== 'value' && value !== 'delta') return false;
      route.table = value;
      return true;
    case 'sort':
      if (!sorts.test(value)) return false;
      route.sort = value;
      return true;
    case 'movers':
      if (value !== 'all' && value !== 'movers') return false;
      route.movers = value;
      return true;
    case 'q': case 'after':
      route[key] = value;
      return true;
    case 'draft':
      if (!/^[a-z0-9][a-z0-9_-]{0,63}$/.test(value)) return false;
      route.draft = value;
      return true;
    case 'customer':
      if (!/^[1-9]\d{0,14}$/.test(value)) return false;
      route.customer = Number(value);
      return true;
    case 'token': return true;
  }
  if (key === '__proto__') return false;
  const kind = vocabulary?.kinds.get(key);
  if (vocabulary && !kind) return false;
  const items = [...new Set(split_items(value))];
  const good = kind ? items.filter((item) => item_fits(kind, item)) : items;
  if (good.length) route.filters[key] = good;
  if (good.length && good.length < items.length) dropped.push(key);
  return good.length > 0;
}

/** The query of a link, without the question mark. */
export function build_link(route: Route): string {
  const base = start();
  const differs = (key: 'page' | 'metric' | 'table' | 'sort' | 'q' | 'after' | 'movers' | 'draft') =>
    route[key] !== base[key] && parameter(key, [route[key]]);
  return join(
    differs('page'),
    parameter('segment', route.segment.map(item_of)),
    differs('metric'),
    differs('table'),
    ...Object.entries(route.filters).map(([name, items]) => parameter(name, items)),
    parameter('cells', route.cells),
    differs('q'),
    differs('sort'),
    differs('after'),
    route.customer !== null && `customer=${route.customer}`,
    differs('movers'),
    differs('draft'),
  );
}
