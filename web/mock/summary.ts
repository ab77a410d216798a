import type { CubeCell, Figures, KeyTrait, SegmentSummary, Segments } from '../src/api/schema';
import { decimal } from '../src/model/money';
import type { Filter } from './filter';
import type { Mart, Row } from './mart';

export const money = (minor: number) => decimal(BigInt(Math.round(minor)), 2);
const mean = (values: number[]) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null);
function median(values: number[]): number | null {
  if (!values.length) return null;
  const v = Float64Array.from(values).sort();
  const half = v.length >> 1;
  return v.length % 2 ? v[half]! : (v[half - 1]! + v[half]!) / 2;
}
const ratio = (a: number, b: number) => (b ? a / b : null);

const kpis = ['mean_recency_days', 'mean_frequency', 'mean_monetary', 'mean_average_order_value'] as const;

function figures(mart: Mart, rows: Row[], whole: { customers: number; monetary: number }, base: Figures | null): Figures {
  const monetary = rows.reduce((total, row) => total + row.monetary, 0);
  const result: Figures = {
    customers: rows.length,
    customer_share: ratio(rows.length, whole.customers),
    monetary: money(monetary),
    monetary_share: ratio(monetary, whole.monetary),
    mean_recency_days: mean(rows.map((row) => row.recency_days)),
    mean_frequency: mean(rows.map((row) => row.frequency)),
    mean_monetary: ratio(monetary / 100, rows.length),
    mean_average_order_value: mean(rows.map((row) => row.average_order_value / 100)),
    median_recency_days: median(rows.map((row) => row.recency_days)),
    median_frequency: median(rows.map((row) => row.frequency)),
    median_monetary: median(rows.map((row) => row.monetary / 100)),
    overlay_share: mart.overlay ? ratio(rows.filter((row) => row.overlay).length, rows.length) : null,
    contactable_share: mart.consent ? ratio(rows.filter((row) => row.consent).length, rows.length) : null,
    kpi_deltas: {},
  };
  const against = base ?? result;
  for (const key of kpis) {
    const value = result[key], reference = against[key];
    result.kpi_deltas[key] = value === null || reference === null
      ? { absolute: null, relative: null }
      : { absolute: value - reference, relative: reference ? value / reference - 1 : null };
  }
  return result;
}

export function segments(mart: Mart, filter: Filter): Segments {
  const all = mart.rows;
  const kept = all.filter(filter.keep);
  const wide = filter.has_segment ? all.filter(filter.without_segment) : kept;
  const totals = (rows: Row[]) => ({ customers: rows.length, monetary: rows.reduce((total, row) => total + row.monetary, 0) });
  const population = figures(mart, all, totals(all), null);
  const filtered = figures(mart, kept, totals(all), population);
  const whole = totals(kept);
  const by_segment = mart.rules.segments.map(() => [] as Row[]);
  for (const row of kept) by_segment[row.segment]!.push(row);
  const traits = key_traits(mart, wide);
  const before = mart.rules.segments.map(() => 0);
  if (mart.previous_date) for (const row of all) if (row.previous_segment !== null) before[row.previous_segment]!++;
  return {
    population,
    filtered,
    segments: mart.rules.segments.map((rule, i): SegmentSummary => ({
      segment_id: rule.id,
      segment_name: rule.name,
      family: rule.family,
      ...figures(mart, by_segment[i]!, whole, population),
      key_traits: by_segment[i]!.length ? traits[i]! : [],
      actions: rule.actions ?? [],
      watchouts: rule.watchouts ?? [],
      previous_customers: mart.previous_date ? before[i]! : null,
    })),
  };
}

/** Cohen's h and d against the rest; the stand-in leaves the p-values at a token value. */
function key_traits(mart: Mart, rows: Row[]): KeyTrait[][] {
  const count = mart.rules.segments.length;
  const size = new Array<number>(count).fill(0);
  for (const row of rows) size[row.segment]!++;
  const found = Array.from({ length: count }, () => [] as KeyTrait[]);
  const arc = (p: number) => 2 * Math.asin(Math.sqrt(p));
  const columns = mart.attributes.map(({ name, kind }) => ({ name, kind, get: (row: Row) => row.attributes[name] ?? null }));
  if (mart.overlay) columns.push({ name: mart.overlay, kind: 'boolean', get: (row) => row.overlay });
  for (const { name, kind, get } of columns) {
    if (kind === 'number') {
      const n = new Array<number>(count).fill(0), s = [...n], q = [...n];
      for (const row of rows) {
        const value = get(row);
        if (value === null) continue;
        const x = Number(value);
        n[row.segment]!++;
        s[row.segment]! += x;
        q[row.segment]! += x * x;
      }
      const total = (list: number[]) => list.reduce((a, b) => a + b, 0);
      const N = total(n), S = total(s), Q = total(q);
      for (let i = 0; i < count; i++) {
        const rest = N - n[i]!;
        if (n[i]! < 30 || rest < 2) continue;
        const inside = s[i]! / n[i]!, outside = (S - s[i]!) / rest;
        const spread = Math.sqrt((Q - n[i]! * inside ** 2 - rest * outside ** 2) / (N - 2));
        const effect = spread ? (inside - outside) / spread : 0;
        if (Math.abs(effect) >= 0.2)
          found[i]!.push({ attribute: name, value: effect > 0 ? 'higher' : 'lower', share: null, population_share: null, mean: inside, population_mean: S / N, lift: inside / (S / N), effect, p_adjusted: 0.0001 });
      }
      continue;
    }
    const levels = new Map<string | boolean, number[]>();
    for (const row of rows) {
      const value = get(row) as string | boolean | null;
      if (value === null) continue;
      if (!levels.has(value)) levels.set(value, new Array<number>(count).fill(0));
      levels.get(value)![row.segment]!++;
    }
    for (const [value, counts] of levels) {
      if (value === false) continue;
      const total = counts.reduce((a, b) => a + b, 0);
      for (let i = 0; i < count; i++) {
        const rest = rows.length - size[i]!;
        if (size[i]! < 30 || counts[i]! < 30 || !rest) continue;
        const inside = counts[i]! / size[i]!, outside = (total - counts[i]!) / rest;
        const effect = arc(inside) - arc(outside);
        if (Math.abs(effect) >= 0.2)
          found[i]!.push({ attribute: name, value: String(value), share: inside, population_share: total / rows.length, lift: inside / (total / rows.length), effect, p_adjusted: 0.0001 });
      }
    }
  }
  return found.map((list) => list.sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect)).slice(0, 5));
}

export function cube(mart: Mart, filter: Filter, by_segment: boolean): CubeCell[] {
  type Sums = { r: number; f: number; m: number; segment: number; customers: number; monetary: number; frequency: number; recency: number; overlay: number };
  const cells = new Map<number, Sums>();
  for (const row of mart.rows) {
    if (!filter.keep(row)) continue;
    const key = ((row.r_score * 100 + row.f_score) * 100 + row.m_score) * 1000 + (by_segment ? row.segment : 0);
    let cell = cells.get(key);
    if (!cell) cells.set(key, (cell = { r: row.r_score, f: row.f_score, m: row.m_score, segment: row.segment, customers: 0, monetary: 0, frequency: 0, recency: 0, overlay: 0 }));
    cell.customers++;
    cell.monetary += row.monetary;
    cell.frequency += row.frequency;
    cell.recency += row.recency_days;
    if (row.overlay) cell.overlay++;
  }
  return [...cells].sort(([a], [b]) => a - b).map(([, cell]) => ({
    r_score: cell.r, f_score: cell.f, m_score: cell.m,
    ...(by_segment ? { segment_id: mart.rules.segments[cell.segment]!.id } : {}),
    customers: cell.customers, monetary: money(cell.monetary), frequency: cell.frequency, recency_days: cell.recency,
    overlay: mart.overlay ? cell.overlay : null,
  }));
}
