import { columns, type Filter } from './filter';
import { digest } from './draft';
import { field, type Mart } from './mart';
import { money, segments } from './summary';

/** Quoted as RFC 4180 wants it; text that a spreadsheet would run gets an apostrophe. */
function cell(value: unknown, separator: string): string {
  if (value === null || value === undefined) return '';
  let text = String(value);
  if (typeof value === 'string' && /^[=+\-@\t\r]/.test(text)) text = `'${text}`;
  return text.includes(separator) || /["\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
const table = (rows: unknown[][], separator: string) => '\ufeff' + rows.map((row) => row.map((value) => cell(value, separator)).join(separator) + '\r\n').join('');

export function csv(mart: Mart, kind: 'segments' | 'customers' | 'audience', filter: Filter, separator: string): string {
  const stamp = [mart.analysis_date, digest(mart.rules), filter.text];
  const stamps = ['analysis_date', 'rules_digest', 'filters'];
  if (kind === 'segments') {
    const keys = ['segment_id', 'segment_name', 'family', 'customers', 'customer_share', 'monetary', 'monetary_share', 'mean_recency_days', 'mean_frequency', 'mean_monetary', 'mean_average_order_value', 'overlay_share', 'contactable_share'] as const;
    return table([[...keys, ...stamps], ...segments(mart, filter).segments.map((segment) => [...keys.map((key) => (key === 'monetary' ? Number(segment[key]).toFixed(2) : segment[key])), ...stamp])], separator);
  }
  const rows = mart.rows.filter(filter.keep);
  if (kind === 'audience') {
    const head = ['customer_id', 'source_customer_id', 'segment_id', ...(mart.consent ? [mart.consent] : []), ...stamps];
    return table([head, ...rows.filter((row) => !mart.consent || row.consent).map((row) => [row.customer_id, row.source_customer_id, mart.rules.segments[row.segment]!.id, ...(mart.consent ? [row.consent] : []), ...stamp])], separator);
  }
  const names = [...columns(mart).keys(), 'segment_id'];
  const value = (row: (typeof rows)[number], name: string) =>
    name === 'segment_id' ? mart.rules.segments[row.segment]!.id : name === 'monetary' || name === 'average_order_value' ? Number(money(row[name])) : field(mart, row, name);
  return table([[...names, ...stamps], ...rows.map((row) => [...names.map((name) => value(row, name)), ...stamp])], separator);
}
