import type { RuleSet } from '../src/api/schema';
import { evaluate, parse, type Expression, type Value } from '../src/model/condition';
import { Random } from './random';
import { default_rules, hostile_rules } from './rules';

/** A made-up mart: everything the stand-in server answers is computed from these rows. */
export type Row = {
  customer_id: number;
  source_customer_id: string;
  attributes: Record<string, Value>;
  overlay: boolean | null;
  consent: boolean | null;
  first_purchase_date: string;
  last_purchase_date: string;
  recency_days: number;
  frequency: number;
  monetary: number; // minor units
  average_order_value: number; // minor units
  r_score: number;
  f_score: number;
  m_score: number;
  segment: number;
  previous_segment: number | null;
};
export type Kind = 'text' | 'number' | 'boolean' | 'date';
export type Mart = {
  rows: Row[];
  rules: RuleSet;
  conditions: (Expression | null)[];
  bins: number;
  cuts: { recency_days: number[]; frequency: number[]; monetary: number[] };
  overlay: string | null;
  consent: string | null;
  attributes: { name: string; kind: Kind }[];
  analysis_date: string;
  previous_date: string | null;
  snapshot_id: string;
};
export type Variant = 'plain' | 'hostile' | 'bare' | 'one' | 'ten';

const countries = ['US', 'GB', 'DE', 'FR', 'CA', 'ES', 'AU', 'JP'];
const cities = ['New York', 'London', 'Berlin', 'Paris', 'Toronto', 'Madrid', 'Sydney', 'Tokyo'];
const categories = ['Fashion', 'Home', 'Beauty', 'Electronics', 'Sports', 'Toys'];
const devices = ['mobile', 'desktop', 'tablet'];
const latent = [
  { weight: 15, recency: [2.6, 0.8], orders: [2.7, 0.5], basket: [4.5, 0.4], premium: 0.55, age: 48, category: [9, 4, 5, 3, 2, 1] },
  { weight: 11, recency: [5.4, 0.5], orders: [2.4, 0.5], basket: [4.4, 0.4], premium: 0.33, age: 51, category: [4, 7, 3, 4, 2, 2] },
  { weight: 14, recency: [2.7, 0.8], orders: [0.3, 0.4], basket: [4.0, 0.5], premium: 0.17, age: 29, category: [3, 2, 6, 5, 5, 2] },
  { weight: 30, recency: [4.1, 0.9], orders: [1.3, 0.6], basket: [4.1, 0.45], premium: 0.2, age: 40, category: [4, 4, 4, 4, 4, 3] },
  { weight: 22, recency: [5.8, 0.4], orders: [0.35, 0.4], basket: [3.9, 0.5], premium: 0.08, age: 36, category: [3, 3, 3, 5, 4, 4] },
  { weight: 8, recency: [3.7, 0.9], orders: [0.7, 0.5], basket: [5.6, 0.45], premium: 0.38, age: 46, category: [1, 6, 1, 9, 2, 1] },
];
const day = (from: string, back: number) => new Date(Date.parse(from) - back * 86400000).toISOString().slice(0, 10);

function cut_points(values: number[], bins: number): number[] {
  const v = [...values].sort((a, b) => a - b);
  return Array.from({ length: bins - 1 }, (_, i) => {
    const h = (v.length - 1) * (i + 1), at = Math.floor(h / bins), rest = h % bins;
    return Math.floor(v[at]! + (((v[at + 1] ?? v[at]!) - v[at]!) * rest) / bins);
  });
}
const score = (value: number, cuts: number[]) => 1 + cuts.filter((cut) => value > cut).length;

export function field(mart: Pick<Mart, 'overlay' | 'consent'>, row: Row, name: string): Value {
  switch (name) {
    case 'monetary': case 'average_order_value': return row[name] / 100;
    case 'customer_id': case 'source_customer_id': case 'recency_days': case 'frequency': case 'r_score': case 'f_score': case 'm_score':
    case 'first_purchase_date': case 'last_purchase_date': return row[name];
    case 'rfm_total': return row.r_score + row.f_score + row.m_score;
    case 'rfm_code': return `${row.r_score}${row.f_score}${row.m_score}`;
    case 'tenure_days': return Math.round((Date.parse(row.last_purchase_date) - Date.parse(row.first_purchase_date)) / 86400000) + row.recency_days;
  }
  if (name === mart.overlay) return row.overlay;
  if (name === mart.consent) return row.consent;
  return row.attributes[name] ?? null;
}

export function assign(mart: Pick<Mart, 'overlay' | 'consent'>, conditions: (Expression | null)[], row: Row): number {
  return conditions.findIndex((condition) => !condition || evaluate(condition, (name) => field(mart, row, name)) === true);
}

export function make_mart(options: { customers: number; seed: number; variant: Variant; previous: boolean }): Mart {
  const { variant } = options;
  const random = new Random(options.seed);
  const customers = variant === 'one' ? 1 : options.customers;
  const bins = variant === 'ten' ? 10 : 5;
  const rules = variant === 'hostile' ? hostile_rules() : default_rules;
  const conditions = rules.segments.map((rule) => (rule.otherwise ? null : parse(rule.when!)));
  const bare = variant === 'bare';
  const analysis_date = '2023-11-15';
  const odd = variant === 'hostile' ? ['<b>US</b>', 'a,b', '~', 'x&y=z', '"', "=1+1", '../..', 'é🙂'] : countries;
  const rows: Row[] = [];
  for (let i = 0; i < customers; i++) {
    const type = latent[random.weighted(latent.map(({ weight }) => weight))]!;
    const recency_days = Math.min(729, Math.max(0, Math.round(Math.exp(random.normal(type.recency[0]!, type.recency[1]!)))));
    const frequency = Math.max(1, Math.round(Math.exp(random.normal(type.orders[0]!, type.orders[1]!))));
    const overlay = random.next() < type.premium;
    const basket = Math.max(6, Math.exp(random.normal(type.basket[0]!, type.basket[1]!))) * (overlay ? 1.12 : 1);
    const average_order_value = Math.round(basket * 100);
    const country = random.weighted([38, 16, 13, 10, 8, 6, 5, 4]);
    const age = Math.min(80, Math.max(18, Math.round(random.normal(type.age, 11))));
    const attributes: Record<string, Value> = bare ? {} : {
      age: random.next() < 0.01 ? null : age,
      gender: ['Female', 'Male', 'Other'][random.weighted([56, 41, 3])]!,
      city: cities[country]!,
      country: odd[country]!,
      income: Math.round(random.normal(52000 + age * 300, 14000)),
      credit_score: Math.min(850, Math.max(300, Math.round(random.normal(680, 70)))),
      favorite_category: categories[random.weighted(type.category)]!,
      device_type: devices[random.weighted([6, 3, 1])]!,
      support_tickets: Math.floor(-Math.log(1 - random.next()) * 1.2),
    };
    const last = day(analysis_date, recency_days);
    rows.push({
      customer_id: i + 1,
      source_customer_id: String(10000 + Math.floor(random.next() * 90000)),
      attributes,
      overlay: bare ? null : overlay,
      consent: bare ? null : random.next() < 0.63,
      first_purchase_date: day(last, frequency * 21 + Math.floor(random.next() * 300)),
      last_purchase_date: last,
      recency_days,
      frequency,
      monetary: average_order_value * frequency,
      average_order_value,
      r_score: 0, f_score: 0, m_score: 0, segment: 0, previous_segment: null,
    });
  }
  const cuts = {
    recency_days: cut_points(rows.map((row) => row.recency_days), bins),
    frequency: cut_points(rows.map((row) => row.frequency), bins),
    monetary: cut_points(rows.map((row) => row.monetary), bins),
  };
  const names = { overlay: bare ? null : 'subscription', consent: bare ? null : 'marketing_opt_in' };
  for (const row of rows) {
    row.r_score = bins + 1 - score(row.recency_days, cuts.recency_days);
    row.f_score = score(row.frequency, cuts.frequency);
    row.m_score = score(row.monetary, cuts.monetary);
    row.segment = assign(names, conditions, row);
    if (!options.previous || random.next() < 0.03) continue;
    const past = { ...row };
    const turn = random.next();
    if (turn < 0.13) past.r_score = Math.min(bins, row.r_score + 1);
    else if (turn < 0.19) past.r_score = Math.max(1, row.r_score - 1);
    else if (turn < 0.25) past.f_score = Math.max(1, row.f_score - 1);
    else if (turn < 0.28) past.r_score = Math.max(1, row.r_score - 2);
    row.previous_segment = assign(names, conditions, past);
  }
  const attributes = Object.keys(rows[0]?.attributes ?? {}).map((name) => ({
    name,
    kind: (typeof rows.find((row) => row.attributes[name] !== null)?.attributes[name] === 'number' ? 'number' : 'text') as Kind,
  }));
  return {
    rows, rules, conditions, bins, cuts, ...names, attributes, analysis_date,
    previous_date: options.previous ? '2023-08-15' : null,
    snapshot_id: `${variant}-${options.seed.toString(16)}`,
  };
}
