import type { Meta } from '../api/schema';
import { box_of, parse, type ScoreName } from '../model/condition';
import { mart } from '../state/mart.svelte';
import { preferences, say } from '../state/preferences.svelte';

/** From the first score to the last: the values that customers with these scores have. */
function ends(meta: Meta, name: ScoreName, [low, high]: [number, number]) {
  const ranges = meta.scores[name].filter(({ score, from, to }) => score >= low && score <= high && from !== null && to !== null);
  const values = ranges.flatMap(({ from, to }) => [Number(from), Number(to)]);
  return values.length ? { from: Math.min(...values), to: Math.max(...values) } : null;
}

/** What a rule on scores asks of a customer, in days, orders and money: "Last purchase 183 to 328 days ago; at least 7 orders." */
export function rule_words(when: string | null): string {
  const { meta } = mart, { formats } = preferences;
  if (!meta || when === null) return '';
  let box;
  try {
    box = box_of(parse(when), meta.bins);
  } catch {
    return '';
  }
  if (!box) return '';
  const parts: string[] = [];
  const add = (name: ScoreName, show: (value: number) => string, at_least: 'days' | 'orders' | 'spent') => {
    const range = box[name], found = ends(meta, name, range), best = range[1] >= meta.bins[name], worst = range[0] <= 1;
    if (!found || (best && worst)) return;
    // A high recency score means few days, so its ends change places.
    const [open_above, open_below] = at_least === 'days' ? [worst, best] : [best, worst];
    const from = show(found.from), to = show(found.to);
    parts.push(say(open_above ? `rule.${at_least}.least` : open_below ? `rule.${at_least}.most` : from === to ? `rule.${at_least}.same` : `rule.${at_least}.between`, { from, to }));
  };
  add('r_score', formats.integer, 'days');
  add('f_score', formats.integer, 'orders');
  add('m_score', formats.money, 'spent');
  return parts.length ? `${say('rule.asks', { list: parts.join('; ') })}` : '';
}
