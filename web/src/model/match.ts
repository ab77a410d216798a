const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** How well a text answers what was typed: less is better, null is not at all. Each word typed must be in it; where it begins a word it counts for more. */
export function rank(text: string, typed: string): number | null {
  const where = plain(text);
  let sum = 0;
  for (const word of plain(typed).split(/\s+/).filter(Boolean)) {
    const at = where.indexOf(word);
    if (at < 0) return null;
    const begins = at === 0 ? 0 : new RegExp(`[^\\p{L}\\p{N}]${word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'u').test(where) ? 1 : 3;
    sum += begins;
  }
  return sum;
}

/** The entries that answer, best first; those alike stay in their order. */
export const matching = <T extends { text: string }>(entries: T[], typed: string, most: number): T[] =>
  entries
    .flatMap((entry) => {
      const found = rank(entry.text, typed);
      return found === null ? [] : [{ entry, found }];
    })
    .sort((a, b) => a.found - b.found)
    .slice(0, most)
    .map(({ entry }) => entry);
