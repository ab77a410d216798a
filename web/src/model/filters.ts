/** Filters by query parameter; each item as the query language writes it (`GB`, `25..34`, `true`, `~`). */
export type Filters = Record<string, string[]>;

/** The items of one parameter; its own alone, since a column may be called `constructor`. */
export const items_under = (filters: Filters, name: string): string[] => (Object.hasOwn(filters, name) ? filters[name]! : []);

/** A value as an item: commas, backslashes, and what else has a meaning are escaped. */
export const item_of = (value: string) => value.replace(/[\\,]/g, '\\$&').replace(/^~$/, '\\~');
export const value_of = (item: string) => item.replace(/\\(.)/gs, '$1');

/** Splits at commas that no backslash precedes; escapes stay. Empty items are left out. */
export function split_items(text: string): string[] {
  const items: string[] = [];
  let item = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\' && i + 1 < text.length) item += text[i]! + text[++i]!;
    else if (text[i] === ',') {
      items.push(item);
      item = '';
    } else item += text[i];
  }
  items.push(item);
  return items.filter((each) => each !== '' && each !== '\\');
}

/** Percent-encoded as little as a link can bear. */
export const encode = (text: string) =>
  encodeURIComponent(text).replace(/%2C/g, ',').replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%40/g, '@');

export const parameter = (name: string, items: string[]) => (items.length ? `${encode(name)}=${items.map(encode).join(',')}` : '');

/** `a=1&b=2` of the parts that are there. */
export const join = (...parts: (string | false | undefined)[]) => parts.filter(Boolean).join('&');

export const filter_query = (filters: Filters) =>
  join(...Object.entries(filters).map(([name, items]) => parameter(name, items)));

/** A range item's ends; an exact number is both. Null for the missing marker and for text. */
export function range_of(item: string): { from: string; to: string } | null {
  if (item === '~') return null;
  const at = item.indexOf('..');
  return at < 0 ? { from: item, to: item } : { from: item.slice(0, at), to: item.slice(at + 2) };
}

/** Whether an item is well formed for the kind of its column. */
export function item_fits(kind: 'text' | 'number' | 'boolean' | 'date', item: string): boolean {
  if (item === '~') return true;
  if (kind === 'text') return item.length > 0;
  if (kind === 'boolean') return item === 'true' || item === 'false';
  const shape = kind === 'date' ? /^\d{4}-\d{2}-\d{2}$/ : /^-?\d+(\.\d+)?$/;
  const { from, to } = range_of(item)!;
  if ((from === '' && to === '') || (from !== '' && !shape.test(from)) || (to !== '' && !shape.test(to))) return false;
  if (from === '' || to === '') return true;
  return kind === 'date' ? from <= to : Number(from) <= Number(to);
}
