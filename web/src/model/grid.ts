import type { Family } from '../api/schema';
import { add, group, nobody, type Aggregate, type Cell } from './aggregate';
import { cell_text } from './cell';
import { families } from './family';

/** A place on the recency by frequency grid: who is there, and of which families. */
export type GridCell = { r: number; f: number; key: string; all: Aggregate; families: { family: Family; customers: number }[] };

/** Every place of the grid, high recency first; `family_of` says where a cell of the cube belongs. */
export function grid_of(cells: Cell[], bins: { r_score: number; f_score: number }, family_of: (cell: Cell) => Family | undefined): GridCell[] {
  const sums = group(cells, cell_text), mix = new Map<string, Aggregate>();
  for (const cell of cells) {
    const key = `${cell_text(cell)} ${family_of(cell)}`;
    mix.set(key, add(mix.get(key) ?? nobody(), cell));
  }
  const grid: GridCell[] = [];
  for (let r = bins.r_score; r >= 1; r--)
    for (let f = 1; f <= bins.f_score; f++) {
      const key = cell_text({ r, f });
      const parts = families.map((family) => ({ family, customers: mix.get(`${key} ${family}`)?.customers ?? 0 })).filter(({ customers }) => customers);
      grid.push({ r, f, key, all: sums.get(key) ?? nobody(), families: parts });
    }
  return grid;
}
