/** A place in the recency x frequency grid, as links write it: `55`, or `10-5` with ten bins or more. */
export type GridCell = { r: number; f: number };

export const cell_text = ({ r, f }: GridCell) => (r > 9 || f > 9 ? `${r}-${f}` : `${r}${f}`);

export function parse_cell(text: string, bins: { r_score: number; f_score: number }): GridCell | null {
  const match = /^(\d+)-(\d+)$/.exec(text) ?? /^(\d)(\d)$/.exec(text);
  if (!match) return null;
  const r = Number(match[1]), f = Number(match[2]);
  return r >= 1 && f >= 1 && r <= bins.r_score && f <= bins.f_score ? { r, f } : null;
}
