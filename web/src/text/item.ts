import { range_of, value_of } from '../model/filters';
import { preferences, say } from '../state/preferences.svelte';

/** A filter's item as a reader would say it: `25..34` is 25–34, `~` is "missing". */
export function item_label(kind: 'text' | 'number' | 'boolean' | 'date', item: string): string {
  if (item === '~') return say('filter.missing');
  if (kind === 'boolean') return say(item === 'true' ? 'yes' : 'no');
  if (kind === 'text') return value_of(item);
  const range = range_of(item)!;
  const show = (text: string) => (kind === 'date' ? preferences.formats.day(text) : preferences.formats.two(text));
  if (range.from === range.to) return show(range.from);
  if (range.from === '') return `≤ ${show(range.to)}`;
  if (range.to === '') return `≥ ${show(range.from)}`;
  return `${show(range.from)}–${show(range.to)}`;
}

/** A grid cell's place: `R5 F4`. */
export const cell_label = (cell: string) => {
  const [r, f] = cell.includes('-') ? cell.split('-') : [cell[0], cell[1]];
  return `R${r} F${f}`;
};
