import type { Insight } from '../api/schema';
import { label_of } from '../model/label';
import { mart } from '../state/mart.svelte';
import { program_sentence, type Words } from './program';
import type { Key } from './catalogue';
import { preferences, say } from '../state/preferences.svelte';

/** The claim in the reader's language where the page knows it. */
export function claim_of(insight: Insight): string {
  switch (insight.id) {
    case 'concentration': return say('claim.concentration');
    case 'recent_split': return say('claim.recent_split');
    case 'at_risk_value': return say('claim.at_risk_value');
    case 'overlay_effect': return mart.meta?.overlay ? say('claim.overlay_effect', { name: label_of(mart.meta.overlay) }) : say('claim.overlay');
    case 'one_time_buyers': return say('claim.one_time_buyers');
    case 'contactable_value': return say('claim.contactable_value');
    case 'value_at_risk': return say('claim.value_at_risk');
    case 'dormant_share': return say('claim.dormant_share');
    default: return insight.claim;
  }
}

/** The estimate with its interval and what it had to reach, in the unit of the claim. */
export function finding_of({ id, estimate, interval, threshold, evidence }: Insight): string {
  const format = preferences.formats;
  if (estimate === null) return typeof evidence.reason === 'string' ? program_sentence(evidence.reason).text : say('insight.no_estimate');
  const times = (value: number) => `${format.two(value)}×`;
  const show = id === 'overlay_effect' ? format.delta_one : id === 'at_risk_value' ? times : format.percent;
  const show_threshold = id === 'overlay_effect' ? format.delta : id === 'at_risk_value' ? times : format.percent_round;
  const range = interval && interval[0] !== null && interval[1] !== null ? ` (${say('insight.interval', { low: show(interval[0]), high: show(interval[1]) })})` : '';
  const needed = threshold === null ? '' : ` ${say('insight.threshold', { value: show_threshold(threshold) })}`;
  const value = `${show(estimate)}${range}`;
  const sentences: Record<string, Key> = { concentration: 'finding.concentration', recent_split: 'finding.recent_split', at_risk_value: 'finding.at_risk_value', overlay_effect: 'finding.overlay_effect' };
  const words = sentences[id];
  return `${words ? say(words, { value }) : `${value}.`}${needed}`;
}

const lines_max = 30;
/** What the chart above shows point by point. */
const drawn = new Set(['lorenz', 'cells']);
/** Evidence as lines of name and value; groups become `group: name`. */
export function evidence_of(insight: Insight): { name: string; value: Words }[] {
  const format = preferences.formats;
  const lines: { name: string; value: Words }[] = [];
  const number = (name: string, value: number) =>
    /share|gini|relative/.test(name) ? format.percent(value) : /(^|_)mean_(monetary|with|without)$|_difference$/.test(name) ? format.money_exact(value) : format.two(value);
  const walk = (name: string, value: unknown) => {
    if (lines.length >= lines_max || drawn.has(name)) return;
    if (typeof value === 'number') lines.push({ name, value: { text: number(name, value) } });
    else if (typeof value === 'string') lines.push({ name, value: name === 'method' || name === 'reason' ? program_sentence(value) : { text: value } });
    else if (value && typeof value === 'object' && !Array.isArray(value)) for (const [key, inner] of Object.entries(value)) walk(name ? `${name}: ${key}` : key, inner);
  };
  walk('', insight.evidence);
  return lines;
}
