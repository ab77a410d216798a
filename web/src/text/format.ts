/** Numbers, money and dates as the reader's locale writes them, with a true minus sign. */
export type Formats = ReturnType<typeof make_formats>;

const minus = (text: string) => text.replaceAll('-', '\u2212');

export function make_formats(locale: string, currency: string) {
  const number = (options: Intl.NumberFormatOptions) => {
    const format = new Intl.NumberFormat(locale, options);
    return (value: number | bigint | string) => minus(format.format(value as number));
  };
  const money = (options: Intl.NumberFormatOptions) => {
    try {
      return number({ style: 'currency', currency, ...options });
    } catch {
      const plain = number(options); // a currency code that is none
      return (value: number | bigint | string) => `${plain(value)} ${currency}`;
    }
  };
  /** Short where the locale has a short form for this size; German has none below a million. */
  const compact = (short: Intl.NumberFormat, whole: (value: number | string) => string) => (value: number | string) =>
    short.formatToParts(value as number).some(({ type }) => type === 'compact') || Math.abs(Number(value)) < 1000 ? minus(short.format(value as number)) : whole(value);
  const short_money = (options: Intl.NumberFormatOptions) => {
    try {
      return compact(new Intl.NumberFormat(locale, { style: 'currency', currency, notation: 'compact', maximumFractionDigits: 1, ...options }), money({ maximumFractionDigits: 0, ...options }));
    } catch {
      return money({ notation: 'compact', maximumFractionDigits: 1, ...options });
    }
  };
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' });
  return {
    integer: number({ maximumFractionDigits: 0 }),
    one: number({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    two: number({ maximumFractionDigits: 2 }),
    /** A mean as one would say it: three digits that count, never fewer than the whole ones. */
    mean: (value: number) => (Math.abs(value) >= 100 ? number({ maximumFractionDigits: 0 }) : number({ maximumFractionDigits: 1 }))(value),
    compact: compact(new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }), number({ maximumFractionDigits: 0 })),
    percent: number({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    /** A share that may be tiny: never 0 where there is something. */
    percent_some: (value: number) => (value > 0 && value < 0.0005 ? '<' : '') + number({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 })(value > 0 ? Math.max(value, 0.001) : value),
    percent_round: number({ style: 'percent', maximumFractionDigits: 0 }),
    delta: number({ style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }),
    delta_one: number({ style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    signed: number({ maximumFractionDigits: 0, signDisplay: 'exceptZero' }),
    signed_one: number({ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' }),
    money: money({ maximumFractionDigits: 0 }),
    money_exact: money({}),
    money_compact: short_money({}),
    money_signed: short_money({ signDisplay: 'exceptZero' }),
    /** An ISO day; anything else comes back as it is. */
    day: (text: string | null | undefined) => {
      const time = Date.parse(`${text}T00:00:00Z`);
      return Number.isNaN(time) ? (text ?? '') : day.format(time);
    },
    list: (items: string[]) => new Intl.ListFormat(locale, { type: 'conjunction' }).format(items),
  };
}
