import type { Figures } from '../api/schema';
import { mean_frequency, mean_monetary, mean_recency, overlay_share, type Aggregate } from '../model/aggregate';
import { label_of } from '../model/label';
import { mart } from '../state/mart.svelte';
import { preferences, say } from '../state/preferences.svelte';

/** A figure of a group of customers, its words, and which way is better. */
export type Kpi = {
  id: 'mean_monetary' | 'mean_frequency' | 'mean_average_order_value' | 'mean_recency_days' | 'overlay_share' | 'contactable_share';
  label: string;
  hint: string;
  better: 1 | -1;
  show: (value: number) => string;
  /** A share differs by points: a percentage of a percentage would be read wrongly. */
  share?: true;
};

export function kpis(): Kpi[] {
  const format = preferences.formats;
  const list: Kpi[] = [
    { id: 'mean_monetary', label: say('kpi.mean_monetary'), hint: say('kpi.mean_monetary.hint'), better: 1, show: format.money },
    { id: 'mean_frequency', label: say('kpi.mean_frequency'), hint: say('kpi.mean_frequency.hint'), better: 1, show: format.one },
    { id: 'mean_average_order_value', label: say('kpi.basket'), hint: say('kpi.basket.hint'), better: 1, show: format.money },
    { id: 'mean_recency_days', label: say('kpi.mean_recency'), hint: say('kpi.mean_recency.hint'), better: -1, show: (value) => `${format.integer(value)} ${say('unit.days_short').trim()}` },
  ];
  const overlay = mart.meta?.overlay;
  if (overlay) list.push({ id: 'overlay_share', label: label_of(overlay), hint: say('kpi.overlay.hint', { name: label_of(overlay) }), better: 1, show: format.percent_round, share: true });
  return list;
}

/** From the cube's sums where they suffice, else from the server's summary of the same customers. */
export function kpi_value(id: Kpi['id'], sums: Aggregate | null, figures: Figures | undefined, scale: number): number | null {
  if (sums && !sums.customers) return null;
  switch (id) {
    case 'mean_monetary': return sums ? mean_monetary(sums, scale) : (figures?.mean_monetary ?? null);
    case 'mean_frequency': return sums ? mean_frequency(sums) : (figures?.mean_frequency ?? null);
    case 'mean_recency_days': return sums ? mean_recency(sums) : (figures?.mean_recency_days ?? null);
    case 'overlay_share': return sums ? overlay_share(sums) : (figures?.overlay_share ?? null);
    case 'mean_average_order_value': case 'contactable_share': return figures?.[id] ?? null;
  }
}
export const relative = (value: number | null, base: number | null) => (value === null || !base ? null : value / base - 1);

/** Who may be contacted, where the mart knows it; only among one segment's facts, the table has no room. */
export const contactable = (): Kpi => ({ id: 'contactable_share', label: say('kpi.contactable'), hint: say('kpi.contactable.hint'), better: 1, show: preferences.formats.percent_round, share: true });

/** The difference from all customers in words: `+162%`, or points for a share. */
export function difference(kpi: Kpi, value: number, base: number): string {
  const { formats } = preferences;
  return kpi.share ? `${formats.signed_one((value - base) * 100)} ${say('unit.points')}` : formats.delta(value / base - 1);
}
