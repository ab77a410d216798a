import type { CellSide, Distributions, Histogram, Insight, Recommendation } from '../src/api/schema';
import type { Filter } from './filter';
import type { Mart, Row } from './mart';
import { money } from './summary';

const total = (rows: Row[]) => rows.reduce((sum, row) => sum + row.monetary, 0);
const mean_of = (rows: Row[]) => (rows.length ? total(rows) / 100 / rows.length : null);

function concentration(rows: Row[]) {
  const values = Float64Array.from(rows, (row) => row.monetary).sort().reverse();
  const sum = values.reduce((a, b) => a + b, 0);
  const running = [0];
  for (const value of values) running.push(running.at(-1)! + value);
  const share_at = (customers: number) => (sum > 0 ? running[customers]! / sum : null);
  const points: [number, number][] = [];
  let area = 0;
  if (sum > 0) {
    for (let i = 0; i <= 100; i++) {
      const customers = Math.round((values.length * i) / 100);
      points.push([customers / values.length, share_at(customers)!]);
    }
    for (let i = 1; i < points.length; i++) area += ((points[i]![1] + points[i - 1]![1]) / 2) * (points[i]![0] - points[i - 1]![0]);
  }
  const top = [0.01, 0.05, 0.1, 0.2].map((customer_share) => {
    const customers = Math.ceil(customer_share * values.length);
    return { customer_share, customers, monetary_share: share_at(customers) };
  });
  return { points, top, gini: sum > 0 ? 2 * area - 1 : null };
}

function sides(rows: Row[]) {
  const cells = new Map<string, { r: number; f: number; with: Row[]; without: Row[] }>();
  for (const row of rows) {
    const key = `${row.r_score}-${row.f_score}`;
    if (!cells.has(key)) cells.set(key, { r: row.r_score, f: row.f_score, with: [], without: [] });
    cells.get(key)![row.overlay ? 'with' : 'without'].push(row);
  }
  return [...cells.values()].sort((a, b) => a.r - b.r || a.f - b.f);
}

export function distributions(mart: Mart, filter: Filter): Distributions {
  const rows = mart.rows.filter(filter.keep);
  const histogram = (value: (row: Row) => number, ends: number[], whole: boolean, cut_points: number[]): Histogram => {
    const count = (from: Row[]) => {
      const counts = new Array<number>(ends.length).fill(0);
      for (const row of from) counts[ends.findLastIndex((end) => value(row) >= end)]!++;
      return counts;
    };
    const mine = count(rows), population = count(mart.rows);
    return {
      bins: ends.map((from, i) => ({ from, to: i + 1 < ends.length ? ends[i + 1]! - (whole ? 1 : 0) : null, customers: mine[i]!, population: population[i]! })),
      cut_points,
    };
  };
  const oldest = Math.max(...mart.rows.map((row) => row.recency_days));
  const step = Math.max(1, Math.ceil((oldest + 1) / 20));
  const spent = Float64Array.from(mart.rows, (row) => row.monetary / 100).sort();
  const high = Math.max(1, spent[Math.floor((spent.length - 1) * 0.98)]!);
  const side = (list: Row[]): CellSide => ({ customers: list.length, mean_monetary: mean_of(list) });
  return {
    recency_days: histogram((row) => row.recency_days, Array.from({ length: 20 }, (_, i) => i * step), true, mart.cuts.recency_days),
    frequency: histogram((row) => row.frequency, Array.from({ length: 13 }, (_, i) => i + 1), true, mart.cuts.frequency),
    monetary: histogram((row) => row.monetary / 100, Array.from({ length: 21 }, (_, i) => (i * high) / 20), false, mart.cuts.monetary.map((cut) => cut / 100)),
    lorenz: concentration(rows),
    overlay_cells: mart.overlay ? sides(rows).map((cell) => ({ r_score: cell.r, f_score: cell.f, with: side(cell.with), without: side(cell.without) })) : [],
  };
}

export function insights(mart: Mart, filter: Filter): Insight[] {
  const rows = mart.rows.filter(filter.keep);
  const verdict = (testable: boolean, yes: boolean) => (!testable ? 'not_testable' : yes ? 'supported' : 'not_supported') as Insight['verdict'];
  const { top, gini } = concentration(rows);
  const top20 = top[3]!.monetary_share;
  const recent = rows.filter((row) => row.r_score === mart.bins);
  const part = (low: number, high: number) => (recent.length ? recent.filter((row) => row.f_score >= low && row.f_score <= high).length / recent.length : null);
  const often = part(mart.bins - 1, mart.bins), seldom = part(1, 2), middle = part(3, mart.bins - 2);
  const slipping = rows.filter((row) => mart.rules.segments[row.segment]!.family === 'slipping');
  const crude = mean_of(slipping), all = mean_of(rows);
  const value_ratio = crude !== null && all ? crude / all : null;
  const cells = mart.overlay ? sides(rows) : [];
  const used = cells.filter((cell) => cell.with.length >= 2 && cell.without.length >= 2);
  const weight = used.reduce((sum, cell) => sum + cell.with.length + cell.without.length, 0);
  const weighted = (side: 'with' | 'without') => used.reduce((sum, cell) => sum + (mean_of(cell[side])! * (cell.with.length + cell.without.length)) / weight, 0);
  const effect = used.length ? weighted('with') / weighted('without') - 1 : null;
  const error = used.length ? 1.2 / Math.sqrt(weight) : 0;
  const holders = rows.filter((row) => row.overlay), others = rows.filter((row) => !row.overlay);
  const crude_difference = holders.length && others.length ? mean_of(holders)! / mean_of(others)! - 1 : null;
  const dormant = rows.filter((row) => mart.rules.segments[row.segment]!.family === 'dormant').length;
  return [
    {
      id: 'concentration', claim: 'A small share of customers holds a disproportionate share of value.', verdict: verdict(top20 !== null, (top20 ?? 0) >= 0.5),
      estimate: top20, interval: null, threshold: 0.5,
      evidence: { top_1_share: top[0]!.monetary_share, top_5_share: top[1]!.monetary_share, top_10_share: top[2]!.monetary_share, top_20_share: top20, gini },
    },
    {
      id: 'recent_split', claim: 'The most recent customers split into frequent loyal ones and new ones with few orders.',
      verdict: verdict(recent.length > 0, (often ?? 0) >= 0.15 && (seldom ?? 0) >= 0.15 && (middle ?? 1) < Math.min(often ?? 0, seldom ?? 0)),
      estimate: often, interval: null, threshold: 0.15, evidence: { customers: recent.length, frequent_share: often, few_orders_share: seldom, middle_share: middle },
    },
    {
      id: 'at_risk_value', claim: 'At-risk customers keep high historic value but have gone quiet.', verdict: verdict(value_ratio !== null, (value_ratio ?? 0) > 1),
      estimate: value_ratio, interval: value_ratio === null ? null : [value_ratio * 0.98, value_ratio * 1.02], threshold: 1,
      evidence: { customers: slipping.length, monetary: money(total(slipping)), mean_monetary: crude, population_mean_monetary: all },
    },
    {
      id: 'overlay_effect', claim: 'Premium status goes with more value among otherwise similar customers.',
      verdict: verdict(effect !== null, (effect ?? 0) >= 0.05 && (effect ?? 0) - 1.96 * error > 0),
      estimate: effect, interval: effect === null ? null : [effect - 1.96 * error, effect + 1.96 * error], threshold: 0.05,
      evidence: { crude_difference, standardised_difference: effect, method: 'stratified variance', cells_used: used.length, cells_left_out: cells.length - used.length },
    },
    {
      id: 'dormant_share', claim: 'A quarter of the customers or more are dormant.', verdict: verdict(rows.length > 0, dormant >= rows.length / 4),
      estimate: rows.length ? dormant / rows.length : null, interval: null, threshold: 0.25, evidence: { customers: dormant, by_segment: { lost: { customers: dormant } } },
    },
  ];
}

export function recommendations(mart: Mart, filter: Filter): Recommendation[] {
  const rows = mart.rows.filter(filter.keep);
  return mart.rules.segments
    .map((rule, i) => ({ rule, mine: rows.filter((row) => row.segment === i) }))
    .filter(({ rule, mine }) => mine.length && rule.actions?.length && rule.family !== 'dormant')
    .map(({ rule, mine }): Recommendation => ({
      id: rule.id, title: rule.actions![0]!, segment_ids: [rule.id], customers: mine.length, monetary: money(total(mine)),
      contactable: mart.consent ? mine.filter((row) => row.consent).length : null, window_days: null,
      text: `${rule.name}: ${mine.length} customers.`, risk: rule.watchouts?.[0] ?? '',
    }))
    .sort((a, b) => Number(b.monetary) - Number(a.monetary))
    .slice(0, 4);
}
