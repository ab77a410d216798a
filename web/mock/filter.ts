import { parse_cell } from '../src/model/cell';
import type { Value } from '../src/model/condition';
import { field, type Kind, type Mart, type Row } from './mart';

/** A refusal as the server words it. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string, detail: string, readonly more: Record<string, unknown> = {}) {
    super(detail);
  }
}
export type Filter = { keep: (row: Row) => boolean; text: string; has_segment: boolean; active: boolean; without_segment: (row: Row) => boolean };

const own: Record<string, Kind> = {
  customer_id: 'number', source_customer_id: 'text', first_purchase_date: 'date', last_purchase_date: 'date', recency_days: 'number',
  frequency: 'number', monetary: 'number', average_order_value: 'number', r_score: 'number', f_score: 'number', m_score: 'number',
  rfm_code: 'text', rfm_total: 'number',
};
export function columns(mart: Mart): Map<string, Kind> {
  const all = new Map(Object.entries(own));
  if (mart.overlay) all.set(mart.overlay, 'boolean');
  if (mart.consent) all.set(mart.consent, 'boolean');
  for (const { name, kind } of mart.attributes) all.set(name, kind);
  return all;
}

/** Splits at commas that no backslash precedes; keeps the backslashes. */
export const split_items = (text: string) => text.match(/(?:\\.|[^,\\])+|(?<=,)(?=,|$)|^(?=,)/g) ?? [];
const plain = (item: string) => item.replace(/\\(.)/g, '$1');

function test_of(kind: Kind, item: string, bad: (why: string) => Refusal): (value: Value) => boolean {
  if (item === '') throw bad('an item is empty');
  if (item === '~') return (value) => value === null;
  if (kind === 'text') return (value) => value === plain(item);
  if (kind === 'boolean') {
    if (item !== 'true' && item !== 'false') throw bad('expected true or false');
    return (value) => value === (item === 'true');
  }
  const shape = kind === 'date' ? /^\d{4}-\d{2}-\d{2}$/ : /^-?\d+(\.\d+)?$/;
  const ends = item.includes('..') ? item.split('..') : [item, item];
  if (ends.length !== 2 || ends.every((end) => end === '') || ends.some((end) => end !== '' && !shape.test(end))) throw bad(`expected a ${kind} or from..to`);
  const [low, high] = ends.map((end) => (end === '' ? null : kind === 'date' ? end : Number(end)));
  if (low !== null && high !== null && low! > high!) throw bad('the range ends before it starts');
  return (value) => value !== null && (low === null || value >= low!) && (high === null || value <= high!);
}

/** Every parameter but the endpoint's own (`taken`) is a filter. */
export function parse_filter(mart: Mart, query: URLSearchParams, taken: string[] = []): Filter {
  const tests: { segment: boolean; keep: (row: Row) => boolean }[] = [];
  const known = columns(mart);
  const seen = new Set<string>();
  const parts: string[] = [];
  for (const [key, value] of query) {
    if (taken.includes(key)) continue;
    const bad = (why: string) => new Refusal(400, 'bad_filter', `${key}: ${why}`, { parameter: key });
    if (seen.has(key)) throw bad('given twice');
    seen.add(key);
    if (value === '') throw bad('is empty');
    parts.push(`${key}=${value}`);
    const items = split_items(value);
    if (key === 'cells') {
      const cells = items.map((item) => parse_cell(item, { r_score: mart.bins, f_score: mart.bins }));
      if (cells.includes(null)) throw bad('no such cell');
      tests.push({ segment: false, keep: (row) => cells.some((cell) => cell!.r === row.r_score && cell!.f === row.f_score) });
    } else if (key === 'segment' || key === 'segment_id' || (key === 'previous_segment' && mart.previous_date)) {
      const wanted = items.map((item) => (item === '~' ? null : mart.rules.segments.findIndex(({ id }) => id === plain(item))));
      if (wanted.includes(-1)) throw bad('no such segment');
      const column = key === 'previous_segment' ? 'previous_segment' : 'segment';
      tests.push({ segment: column === 'segment', keep: (row) => wanted.includes(row[column]) });
    } else {
      const name = key.startsWith('column.') ? key.slice(7) : key;
      const kind = known.get(name);
      if (!kind) throw bad('no such column');
      const any = items.map((item) => test_of(kind, item, bad));
      tests.push({ segment: false, keep: (row) => { const value = field(mart, row, name); return any.some((test) => test(value)); } });
    }
  }
  return {
    keep: (row) => tests.every((test) => test.keep(row)),
    without_segment: (row) => tests.every((test) => test.segment || test.keep(row)),
    text: parts.join('&'),
    has_segment: tests.some((test) => test.segment),
    active: tests.length > 0,
  };
}
