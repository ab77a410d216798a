import type { Dimension, Meta } from '../src/api/schema';
import { columns } from './filter';
import { digest } from './draft';
import { field, type Mart } from './mart';
import { quality } from './review';
import { money } from './summary';

const reserved = new Set('page segment segment_id previous_segment cells sort q limit after metric table customer draft by separator rules movers token'.split(' '));

export function dimension_values(mart: Mart, name: string) {
  const counts = new Map<string, number>();
  for (const row of mart.rows) {
    const value = field(mart, row, name);
    if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
  }
  return [...counts].map(([value, customers]) => ({ value, customers })).sort((a, b) => b.customers - a.customers || (a.value < b.value ? -1 : 1));
}

function dimension(mart: Mart, name: string, role: Dimension['role']): Dimension {
  const kind = columns(mart).get(name)!;
  const values = mart.rows.map((row) => field(mart, row, name)).filter((value) => value !== null);
  const base: Dimension = { name, param: reserved.has(name) ? `column.${name}` : name, kind, role, missing: mart.rows.length - values.length };
  if (kind === 'boolean') return { ...base, values: [true, false].map((value) => ({ value, customers: values.filter((each) => each === value).length })) };
  if (kind === 'text') {
    const all = dimension_values(mart, name);
    return { ...base, distinct: all.length, values: all.slice(0, 100), values_truncated: all.length > 100 };
  }
  const numbers = Float64Array.from(values as number[]).sort();
  if (!numbers.length) return { ...base, range: null, bands: [] };
  const bands: { value: string; customers: number }[] = [];
  for (let at = 0, k = 1; k <= 5 && at < numbers.length; k++) {
    const high = numbers[Math.min(numbers.length - 1, Math.ceil((numbers.length * k) / 5) - 1)]!;
    const end = numbers.findLastIndex((value) => value <= high) + 1;
    if (end <= at) continue;
    bands.push({ value: `${numbers[at]}..${numbers[end - 1]}`, customers: end - at });
    at = end;
  }
  return { ...base, range: { min: numbers[0]!, max: numbers.at(-1)! }, bands };
}

export function meta(mart: Mart): Meta {
  const findings = quality(mart).findings;
  const count = (severity: string) => findings.filter((finding) => finding.severity === severity).length;
  const scores = (score: 'r_score' | 'f_score' | 'm_score', metric: 'recency_days' | 'frequency' | 'monetary') =>
    Array.from({ length: mart.bins }, (_, i) => {
      let from = Infinity, to = -Infinity, customers = 0;
      for (const row of mart.rows) {
        if (row[score] !== i + 1) continue;
        from = Math.min(from, row[metric]);
        to = Math.max(to, row[metric]);
        customers++;
      }
      const text = (value: number) => (!customers ? null : metric === 'monetary' ? money(value) : value);
      return { score: i + 1, from: text(from), to: text(to), customers };
    });
  const names: [string, Dimension['role']][] = mart.attributes.map(({ name }) => [name, 'attribute']);
  if (mart.consent) names.unshift([mart.consent, 'consent']);
  if (mart.overlay) names.unshift([mart.overlay, 'overlay']);
  return {
    snapshot: { snapshot_id: mart.snapshot_id, analysis_date: mart.analysis_date, rules_digest: digest(mart.rules), plan_digest: 'f00d' },
    previous: mart.previous_date ? { snapshot_id: 'before', analysis_date: mart.previous_date } : null,
    title: mart.rules.name,
    currency: 'USD',
    money_scale: 2,
    customers: mart.rows.length,
    bins: { r_score: mart.bins, f_score: mart.bins, m_score: mart.bins },
    scores: { r_score: scores('r_score', 'recency_days'), f_score: scores('f_score', 'frequency'), m_score: scores('m_score', 'monetary') },
    columns: [...columns(mart).keys(), 'segment_id', 'segment_name'],
    overlay: mart.overlay,
    consent: mart.consent,
    dimensions: names.map(([name, role]) => dimension(mart, name, role)),
    segments: mart.rules.segments.map((rule) => ({ segment_id: rule.id, segment_name: rule.name, family: rule.family, description: rule.description ?? '', when: rule.when ?? null })),
    review: { error: count('error'), warning: count('warning'), info: count('info') },
    drafts: true,
    version: '0.0.0-stand-in',
  };
}
