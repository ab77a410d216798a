import type { CubeCell } from '../api/schema';
import { minor, units, type Minor } from './money';

/** Sums over some customers; every figure of the page is a ratio of two of these. */
export type Aggregate = { customers: number; monetary: Minor; frequency: number; recency_days: number; overlay: number };
export const nobody = (): Aggregate => ({ customers: 0, monetary: 0n, frequency: 0, recency_days: 0, overlay: 0 });

export function add(into: Aggregate, from: Aggregate): Aggregate {
  into.customers += from.customers;
  into.monetary += from.monetary;
  into.frequency += from.frequency;
  into.recency_days += from.recency_days;
  into.overlay += from.overlay;
  return into;
}

/** A cell of the cube with its money read once. */
export type Cell = Aggregate & { r: number; f: number; m: number; segment_id: string };
export const read_cells = (cells: CubeCell[], scale: number): Cell[] =>
  cells.map((cell) => ({
    r: cell.r_score,
    f: cell.f_score,
    m: cell.m_score,
    segment_id: cell.segment_id ?? '',
    customers: cell.customers,
    monetary: minor(cell.monetary, scale),
    frequency: cell.frequency,
    recency_days: cell.recency_days,
    overlay: cell.overlay ?? 0,
  }));

export const sum = (cells: Iterable<Aggregate>): Aggregate => {
  const total = nobody();
  for (const cell of cells) add(total, cell);
  return total;
};

export function group<Key>(cells: Iterable<Cell>, key: (cell: Cell) => Key): Map<Key, Aggregate> {
  const groups = new Map<Key, Aggregate>();
  for (const cell of cells) {
    const at = key(cell);
    const found = groups.get(at);
    if (found) add(found, cell);
    else groups.set(at, add(nobody(), cell));
  }
  return groups;
}

const ratio = (a: number, b: number) => (b ? a / b : null);
export const mean_monetary = (a: Aggregate, scale: number) => ratio(units(a.monetary, scale), a.customers);
export const mean_frequency = (a: Aggregate) => ratio(a.frequency, a.customers);
export const mean_recency = (a: Aggregate) => ratio(a.recency_days, a.customers);
export const overlay_share = (a: Aggregate) => ratio(a.overlay, a.customers);
export const share = (part: Aggregate, whole: Aggregate) => ratio(part.customers, whole.customers);
export const monetary_share = (part: Aggregate, whole: Aggregate) => ratio(Number(part.monetary), Number(whole.monetary));
