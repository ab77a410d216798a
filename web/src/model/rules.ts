import type { Flow, Lint, Rule } from '../api/schema';
import { add, nobody, type Aggregate, type Cell } from './aggregate';
import { evaluate, on_scores_only, parse, type Expression, type ScoreName } from './condition';

export type Bins = Record<ScoreName, number>;
/** Rules whose every condition is on scores: the browser can apply them to the cube by itself. */
export type ScoreRules = { id: string; condition: Expression | null }[];

/** Null if a condition does not parse or names another field. */
export function score_rules(rules: Rule[]): ScoreRules | null {
  try {
    const parsed = rules.map((rule) => ({ id: rule.id, condition: rule.otherwise ? null : parse(rule.when ?? '') }));
    return parsed.every(({ condition }) => !condition || on_scores_only(condition)) ? parsed : null;
  } catch {
    return null;
  }
}

export function holds(condition: Expression | null, r: number, f: number, m: number): boolean {
  if (!condition) return true;
  const fields: Record<string, number> = { r_score: r, f_score: f, m_score: m, rfm_total: r + f + m };
  return evaluate(condition, (name) => fields[name] ?? null) === true;
}

/** For every score triple the first rule that holds, or null in a gap. */
export class Assignment {
  private readonly first: (string | null)[] = [];
  constructor(rules: ScoreRules, private readonly bins: Bins) {
    for (let r = 1; r <= bins.r_score; r++)
      for (let f = 1; f <= bins.f_score; f++)
        for (let m = 1; m <= bins.m_score; m++) this.first.push(rules.find((rule) => holds(rule.condition, r, f, m))?.id ?? null);
  }
  at(r: number, f: number, m: number): string | null {
    return this.first[((r - 1) * this.bins.f_score + f - 1) * this.bins.m_score + m - 1] ?? null;
  }
}

export type Outcome = {
  segments: Map<string | null, Aggregate>;
  movers: Aggregate;
  flows: (Omit<Flow, 'monetary'> & { monetary: bigint })[];
};

/** What the draft makes of the customers in `cells`, which know their present segment. */
export function apply(assignment: Assignment, cells: Cell[]): Outcome {
  const segments = new Map<string | null, Aggregate>();
  const movers = nobody();
  const flows = new Map<string, Outcome['flows'][number]>();
  for (const cell of cells) {
    const to = assignment.at(cell.r, cell.f, cell.m);
    if (!segments.has(to)) segments.set(to, nobody());
    add(segments.get(to)!, cell);
    if (to === cell.segment_id) continue;
    add(movers, cell);
    const key = `${cell.segment_id}\n${to}`;
    const flow = flows.get(key) ?? { from: cell.segment_id, to, customers: 0, monetary: 0n };
    flow.customers += cell.customers;
    flow.monetary += cell.monetary;
    flows.set(key, flow);
  }
  return { segments, movers, flows: [...flows.values()].sort((a, b) => b.customers - a.customers) };
}

/** The linter of `quintile rules check`, for rules on scores. */
export function lint(rules: ScoreRules, bins: Bins): Lint {
  const held = rules.map(() => new Set<string>());
  const winners = new Map<string, number>();
  const gaps: string[] = [];
  const wide = Math.max(bins.r_score, bins.f_score, bins.m_score) > 9;
  for (let r = 1; r <= bins.r_score; r++)
    for (let f = 1; f <= bins.f_score; f++)
      for (let m = 1; m <= bins.m_score; m++) {
        const code = [r, f, m].join(wide ? '-' : '');
        rules.forEach((rule, i) => {
          // `otherwise` holds where nothing before it does.
          if (rule.condition ? !holds(rule.condition, r, f, m) : winners.has(code)) return;
          held[i]!.add(code);
          if (!winners.has(code)) winners.set(code, i);
        });
        if (!winners.has(code)) gaps.push(code);
      }
  const common = (a: Set<string>, b: Set<string>) => [...a].filter((code) => b.has(code)).length;
  const segments = rules.map((rule, i) => {
    const takers = new Set([...held[i]!].map((code) => winners.get(code)));
    const cells_matched = [...held[i]!].filter((code) => winners.get(code) === i).length;
    const dead = rule.condition !== null && !takers.has(i);
    const shadowed_by = dead ? rules.filter((_, j) => takers.has(j)).map(({ id }) => id) : [];
    return { segment_id: rule.id, cells: held[i]!.size, cells_matched, dead, shadowed_by };
  });
  const overlaps = rules.flatMap((first, i) =>
    rules.slice(i + 1).flatMap((second, k) => {
      const cells = first.condition && second.condition ? common(held[i]!, held[i + 1 + k]!) : 0;
      return cells ? [{ first: first.id, second: second.id, cells }] : [];
    }),
  );
  const faulty = gaps.length > 0 || segments.some(({ dead }) => dead);
  return { segments, gaps, overlaps, verdict: faulty ? 'faulty' : 'ok' };
}
