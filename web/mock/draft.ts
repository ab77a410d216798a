import type { Preview, RuleSet } from '../src/api/schema';
import { ConditionError, evaluate, names, parse, type Expression } from '../src/model/condition';
import { lint, score_rules } from '../src/model/rules';
import { columns, Refusal, type Filter } from './filter';
import { field, type Mart } from './mart';
import { money } from './summary';

const more_fields = ['tenure_days'];
export const fields = (mart: Mart) => [...columns(mart)].filter(([name]) => !/customer_id|date|rfm_code/.test(name)).map(([name, kind]) => ({ name, kind })).concat({ name: 'tenure_days', kind: 'number' });

function conditions(mart: Mart, rules: RuleSet): (Expression | null)[] {
  const known = new Set([...columns(mart).keys(), ...more_fields]);
  return rules.segments.map((rule) => {
    if (rule.otherwise) return null;
    try {
      const condition = parse(rule.when ?? '');
      const stranger = names(condition).find(({ name }) => !known.has(name));
      if (stranger) throw new ConditionError(`unknown field '${stranger.name}'`, stranger.at);
      return condition;
    } catch (error) {
      const { message, column } = error as ConditionError;
      throw new Refusal(422, 'bad_rules', `${rule.id}: ${message}`, { errors: [{ message, segment_id: rule.id, line: 1, column }] });
    }
  });
}

export function preview(mart: Mart, filter: Filter, rules: RuleSet): Preview {
  if (!rules?.segments?.length) throw new Refusal(422, 'bad_rules', 'rules: segments is missing', { errors: [{ message: 'segments is missing' }] });
  const parsed = conditions(mart, rules);
  const sizes = new Map<string | null, [number, number]>(rules.segments.map(({ id }) => [id, [0, 0]]));
  const flows = new Map<string, { from: string; to: string | null; customers: number; monetary: number }>();
  const movers = { customers: 0, monetary: 0 };
  for (const row of mart.rows) {
    if (!filter.keep(row)) continue;
    const at = parsed.findIndex((condition) => !condition || evaluate(condition, (name) => field(mart, row, name)) === true);
    const to = rules.segments[at]?.id ?? null, from = mart.rules.segments[row.segment]!.id;
    if (!sizes.has(to)) sizes.set(to, [0, 0]);
    const size = sizes.get(to)!;
    size[0]++;
    size[1] += row.monetary;
    if (to === from) continue;
    movers.customers++;
    movers.monetary += row.monetary;
    const key = `${from}>${to}`;
    const flow = flows.get(key) ?? { from, to, customers: 0, monetary: 0 };
    flow.customers++;
    flow.monetary += row.monetary;
    flows.set(key, flow);
  }
  const bins = { r_score: mart.bins, f_score: mart.bins, m_score: mart.bins };
  const on_scores = score_rules(rules.segments);
  return {
    segments: [...sizes].map(([segment_id, [customers, monetary]]) => ({ segment_id, customers, monetary: money(monetary) })),
    movers: { customers: movers.customers, monetary: money(movers.monetary) },
    flows: [...flows.values()].map((flow) => ({ ...flow, monetary: money(flow.monetary) })),
    lint: on_scores ? lint(on_scores, bins) : { segments: [], gaps: [], overlaps: [], verdict: 'ok' },
    yaml: yaml(rules),
    rules_digest: digest(rules),
  };
}

export function digest(rules: RuleSet): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of JSON.stringify(rules)) hash = BigInt.asUintN(64, (hash ^ BigInt(character.codePointAt(0)!)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}

export function yaml(rules: RuleSet): string {
  const text = (value: string) => JSON.stringify(value);
  const lines = ['version: 1', `name: ${text(rules.name)}`, 'segments:'];
  for (const rule of rules.segments) {
    lines.push(`  - id: ${rule.id}`, `    name: ${text(rule.name)}`, `    family: ${rule.family}`);
    lines.push(rule.otherwise ? '    otherwise: true' : `    when: ${rule.when}`);
    if (rule.description) lines.push(`    description: ${text(rule.description)}`);
    for (const key of ['actions', 'watchouts'] as const)
      if (rule[key]?.length) lines.push(`    ${key}:`, ...rule[key]!.map((item) => `      - ${text(item)}`));
  }
  return lines.join('\n') + '\n';
}
