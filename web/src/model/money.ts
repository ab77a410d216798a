/** Money as whole minor units: exact however many amounts are added. */
export type Minor = bigint;

export function minor(text: string, scale: number): Minor {
  const negative = text.startsWith('-');
  const [whole = '0', fraction = ''] = (negative ? text.slice(1) : text).split('.');
  const value = BigInt(whole + fraction.padEnd(scale, '0').slice(0, scale));
  return negative ? -value : value;
}

/** Decimal text with `scale` digits after the point. */
export function decimal(value: Minor, scale: number): string {
  const negative = value < 0n;
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0');
  const text = scale ? `${digits.slice(0, -scale)}.${digits.slice(-scale)}` : digits;
  return negative ? `-${text}` : text;
}

/** In currency units, for ratios and for drawing. */
export const units = (value: Minor, scale: number) => Number(value) / 10 ** scale;
