import type { Change, Customer, CustomerDetail, Customers } from '../src/api/schema';
import { evaluate } from '../src/model/condition';
import { Refusal, type Filter } from './filter';
import { assign, field, type Mart, type Row } from './mart';
import { money } from './summary';

export function customer(mart: Mart, row: Row): Customer {
  return {
    customer_id: row.customer_id,
    source_customer_id: row.source_customer_id,
    attributes: row.attributes,
    overlay: row.overlay,
    consent: row.consent,
    first_purchase_date: row.first_purchase_date,
    last_purchase_date: row.last_purchase_date,
    recency_days: row.recency_days,
    frequency: row.frequency,
    monetary: money(row.monetary),
    average_order_value: money(row.average_order_value),
    r_score: row.r_score,
    f_score: row.f_score,
    m_score: row.m_score,
    rfm_code: [row.r_score, row.f_score, row.m_score].join(mart.bins > 9 ? '-' : ''),
    rfm_total: row.r_score + row.f_score + row.m_score,
    segment_id: mart.rules.segments[row.segment]!.id,
  };
}

export function page(mart: Mart, filter: Filter, query: URLSearchParams): Customers {
  const sort = query.get('sort') ?? '-monetary';
  const match = /^(-?)(customer_id|source_customer_id|recency_days|frequency|monetary|average_order_value|rfm_total)$/.exec(sort);
  if (!match) throw new Refusal(400, 'bad_parameter', 'sort: no such order', { parameter: 'sort' });
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > 500) throw new Refusal(400, 'bad_parameter', 'limit: from 1 to 500', { parameter: 'limit' });
  const after = query.get('after') ?? '';
  if (after && !/^c\d+$/.test(after)) throw new Refusal(400, 'bad_cursor', 'after: not a cursor of this list', { parameter: 'after' });
  const q = query.get('q') ?? '';
  const sign = match[1] ? -1 : 1, column = match[2]!;
  const rows = mart.rows
    .filter((row) => filter.keep(row) && (!q || row.source_customer_id.startsWith(q) || String(row.customer_id) === q))
    .sort((a, b) => {
      const x = field(mart, a, column)!, y = field(mart, b, column)!;
      return (x < y ? -1 : x > y ? 1 : 0) * sign || a.customer_id - b.customer_id;
    });
  const first = after ? Number(after.slice(1)) : 0;
  if (first > rows.length) throw new Refusal(400, 'bad_cursor', 'after: not a cursor of this list', { parameter: 'after' });
  return {
    customers: rows.slice(first, first + limit).map((row) => customer(mart, row)),
    total: rows.length,
    first,
    next: first + limit < rows.length ? `c${first + limit}` : null,
    previous: first === 0 ? null : first <= limit ? '' : `c${first - limit}`,
  };
}

export function detail(mart: Mart, row: Row): CustomerDetail {
  const misses = near_misses(mart, row);
  const before = row.previous_segment;
  return {
    ...customer(mart, row),
    rules: mart.rules.segments.map((rule, i) => ({
      segment_id: rule.id,
      segment_name: rule.name,
      when: rule.when ?? null,
      matched: mart.conditions[i] ? (evaluate(mart.conditions[i]!, (name) => field(mart, row, name)) as boolean | null) : true,
    })),
    smallest_change: misses[0] ?? null,
    near_misses: misses,
    previous: before === null ? null : {
      segment_id: mart.rules.segments[before]!.id, segment_name: mart.rules.segments[before]!.name,
      rfm_code: `${row.r_score}${row.f_score}${row.m_score}`, analysis_date: mart.previous_date!,
    },
  };
}

/** One score moved by one or two bins, at the value where it just crosses. */
function near_misses(mart: Mart, row: Row): Change[] {
  const found: (Change & { step: number })[] = [];
  const metrics = [
    { metric: 'recency_days', score: 'r_score', sign: -1 },
    { metric: 'frequency', score: 'f_score', sign: 1 },
    { metric: 'monetary', score: 'm_score', sign: 1 },
  ] as const;
  for (const { metric, score, sign } of metrics)
    for (const move of [1, -1, 2, -2]) {
      const to_score = row[score] + move;
      if (to_score < 1 || to_score > mart.bins) continue;
      const place = sign > 0 ? to_score : mart.bins + 1 - to_score;
      const up = sign * move > 0;
      const cut = mart.cuts[metric][up ? place - 2 : place - 1];
      if (cut === undefined) continue;
      const to = up ? cut + 1 : cut;
      const segment = assign(mart, mart.conditions, { ...row, [score]: to_score, [metric]: to });
      if (segment < 0 || segment === row.segment) continue;
      const as_text = (value: number) => (metric === 'monetary' ? money(value) : value);
      found.push({ field: metric, from: as_text(row[metric]), to: as_text(to), segment_id: mart.rules.segments[segment]!.id, step: Math.abs(to - row[metric]) / Math.max(1, row[metric]) });
    }
  const seen = new Set<string>();
  return found.sort((a, b) => a.step - b.step).filter(({ segment_id }) => !seen.has(segment_id) && seen.add(segment_id)).slice(0, 5).map(({ step: _, ...change }) => change);
}
