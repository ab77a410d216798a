import type { Quality } from '../src/api/schema';
import type { Mart } from './mart';
import { money } from './summary';

/** A made-up review whose waterfall balances with the mart. */
export function quality(mart: Mart): Quality {
  const published = mart.rows.reduce((sum, row) => sum + row.monetary, 0);
  const taken = [['exact_duplicate', 12, 418_230], ['date_order', 31, 1_204_415], ['future_date', 8, 310_044], ['inconsistent_order_value', 19, 0]] as const;
  const rows = mart.rows.length + taken.reduce((sum, [, count]) => sum + count, 0);
  const monetary = published + taken.reduce((sum, [, , amount]) => sum + amount, 0);
  const ids = new Map<string, number>();
  for (const row of mart.rows) ids.set(row.source_customer_id, (ids.get(row.source_customer_id) ?? 0) + 1);
  const groups = [...ids.values()].filter((count) => count > 1);
  const carried = groups.reduce((a, b) => a + b, 0);
  const finding = (check: string, column: string | null, severity: 'info' | 'warning' | 'error', count: number, decision: Quality['findings'][number]['decision'], reason: string, details: Record<string, unknown> | null = null) =>
    ({ check, column, severity, rows: count, share: count / rows, examples: [17, 240, 1031, 2290, 4711].slice(0, Math.min(5, count)), decision, reason, details });
  const findings = [
    finding('date_order', 'last_purchase_date', 'error', 31, 'quarantined', 'The first purchase lies after the last one.'),
    finding('future_date', 'last_purchase_date', 'error', 8, 'quarantined', 'The last purchase lies after the analysis date.'),
    finding('exact_duplicate', null, 'warning', 12, 'quarantined', 'Every column equals an earlier row.', { groups: 11, rows: 23, surplus_rows: 12 }),
    finding('inconsistent_order_value', 'avg_order_value', 'warning', 19, 'quarantined', 'The average order value is zero or below.'),
    finding('missing_value', 'age', 'warning', Math.round(rows / 100), 'kept', 'No value; the attribute is missing for these customers.'),
    finding('out_of_range', 'credit_score', 'warning', 44, 'kept', 'Outside 300 to 850; the value became missing.'),
    finding('category_variant', 'country', 'info', 210, 'kept', 'Spelled in several ways by case or blanks.', { variants: ['us', ' US'] }),
    finding('skewed', 'total_spent', 'info', rows, 'kept', 'Long right tail: skewness 4.1. Quantile scores are not affected.', { skewness: 4.1 }),
    finding('high_cardinality', 'customer_id', 'info', rows, 'kept', 'Nearly every value is different.'),
  ];
  if (groups.length)
    findings.unshift(finding('duplicate_identifier', 'customer_id', 'error', carried, 'regenerated', 'The identifier does not identify: a new customer_id was given by first-purchase chronology.', {
      ids: groups.length, rows: carried, surplus_rows: carried - groups.length, largest_group: Math.max(...groups),
      groups: { exact_copy: 0, profile_change: 0, longitudinal: 0, collision: groups.length },
    }));
  const markup = mart.rules.segments.length > 100;
  if (markup) findings.push(finding('<script>window.hacked=1</script>', '<b>x</b>', 'warning', 1, 'kept', '<img src=x onerror="window.hacked=1">', { '<i>': '<u>' }));
  const tie = (metric: 'recency' | 'frequency' | 'monetary', name: string) => ({ metric, bins_asked: mart.bins, bins_used: mart.bins, customers: Array.from({ length: mart.bins }, (_, i) => mart.rows.filter((row) => row[name as 'r_score'] === i + 1).length), share_other_rule: name === 'f_score' ? 0.083 : 0.004 });
  return {
    rows,
    columns: [],
    findings,
    waterfall: [{ step: 'read', rows, monetary: money(monetary) }, ...taken.map(([step, count, amount]) => ({ step, rows: count, monetary: money(amount) })), { step: 'published', rows: mart.rows.length, monetary: money(published) }],
    ties: [tie('recency', 'r_score'), tie('frequency', 'f_score'), tie('monetary', 'm_score')],
  };
}
