/** A column's name as words: `favorite_category` becomes `Favorite category`. */
export function label_of(column: string): string {
  const words = column.replace(/^column\./, '').replaceAll('_', ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
