import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Rule } from '../../src/api/schema';
import { nobody, type Cell } from '../../src/model/aggregate';
import { apply, Assignment, lint, score_rules } from '../../src/model/rules';

const bins = { r_score: 5, f_score: 5, m_score: 5 };
const score = fc.integer({ min: 1, max: 5 });
const name = fc.constantFrom('r_score', 'f_score', 'm_score');
const atom = fc.oneof(
  fc.tuple(name, fc.constantFrom('=', '!=', '<', '<=', '>', '>='), score).map(([n, o, s]) => ({ text: `${n} ${o} ${s}`, test: (c: Cell3) => compare(c[n as keyof Cell3], o, s) })),
  fc.tuple(name, score, score).map(([n, a, b]) => ({ text: `${n} between ${a} and ${b}`, test: (c: Cell3) => c[n as keyof Cell3] >= a && c[n as keyof Cell3] <= b })),
  fc.integer({ min: 3, max: 15 }).map((total) => ({ text: `rfm_total >= ${total}`, test: (c: Cell3) => c.r_score + c.f_score + c.m_score >= total })),
);
type Cell3 = { r_score: number; f_score: number; m_score: number };
type Test = { text: string; test: (cell: Cell3) => boolean };
function compare(a: number, operator: string, b: number) {
  return { '=': a === b, '!=': a !== b, '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator]!;
}
const condition: fc.Arbitrary<Test> = fc.letrec<{ tree: Test }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    atom,
    fc.tuple(tie('tree'), tie('tree'), fc.boolean()).map(([a, b, and]) => ({ text: `(${a.text} ${and ? 'and' : 'or'} ${b.text})`, test: (c: Cell3) => (and ? a.test(c) && b.test(c) : a.test(c) || b.test(c)) })),
    tie('tree').map((a) => ({ text: `not (${a.text})`, test: (c: Cell3) => !a.test(c) })),
  ),
})).tree;
const rule_set = fc.tuple(fc.array(condition, { minLength: 1, maxLength: 8 }), fc.boolean());
const rules_of = (tests: Test[], otherwise: boolean): Rule[] => [
  ...tests.map(({ text }, i) => ({ id: `s${i}`, name: `S${i}`, family: 'core' as const, when: text })),
  ...(otherwise ? [{ id: 'rest', name: 'Rest', family: 'dormant' as const, otherwise: true }] : []),
];
const every: Cell3[] = [1, 2, 3, 4, 5].flatMap((r) => [1, 2, 3, 4, 5].flatMap((f) => [1, 2, 3, 4, 5].map((m) => ({ r_score: r, f_score: f, m_score: m }))));
/** The slow way: ask every rule in turn. */
function oracle(tests: Test[], otherwise: boolean, cell: Cell3) {
  for (let i = 0; i < tests.length; i++) if (tests[i]!.test(cell)) return `s${i}`;
  return otherwise ? 'rest' : null;
}

describe('first match wins', () => {
  it('over all 125 triples and random rule lists', () => {
    fc.assert(fc.property(rule_set, ([tests, otherwise]) => {
      const assignment = new Assignment(score_rules(rules_of(tests, otherwise))!, bins);
      for (const cell of every) expect(assignment.at(cell.r_score, cell.f_score, cell.m_score)).toBe(oracle(tests, otherwise, cell));
    }), { numRuns: 300 });
  });
  it('is linted as an enumeration would', () => {
    fc.assert(fc.property(rule_set, ([tests, otherwise]) => {
      const report = lint(score_rules(rules_of(tests, otherwise))!, bins);
      const winners = every.map((cell) => oracle(tests, otherwise, cell));
      report.segments.slice(0, tests.length).forEach((segment, i) => {
        expect(segment.cells).toBe(every.filter((cell) => tests[i]!.test(cell)).length);
        expect(segment.cells_matched).toBe(winners.filter((winner) => winner === `s${i}`).length);
        expect(segment.dead).toBe(segment.cells_matched === 0);
        const takers = new Set(every.flatMap((cell, k) => (segment.dead && tests[i]!.test(cell) ? [winners[k]!] : [])));
        expect(new Set(segment.shadowed_by)).toEqual(takers);
      });
      expect(report.gaps.length).toBe(winners.filter((winner) => winner === null).length);
      expect(report.verdict).toBe(report.gaps.length || report.segments.some(({ dead }) => dead) ? 'faulty' : 'ok');
    }), { numRuns: 100 });
  });
  it('leaves rules on other fields to the server', () => {
    expect(score_rules([{ id: 'a', name: 'A', family: 'core', when: 'subscription' }])).toBe(null);
    expect(score_rules([{ id: 'a', name: 'A', family: 'core', when: 'r_score >=' }])).toBe(null);
  });
});

describe('a draft', () => {
  const cell = fc.record({ r: score, f: score, m: score, segment_id: fc.constantFrom('s0', 's1', 's2'), customers: fc.integer({ min: 1, max: 1000 }), spent: fc.integer({ min: -5, max: 1_000_000 }) })
    .map(({ spent, ...each }): Cell => ({ ...nobody(), ...each, monetary: BigInt(spent) }));
  it('loses nobody and no cent', () => {
    fc.assert(fc.property(rule_set, fc.array(cell, { maxLength: 60 }), ([tests, otherwise], cells) => {
      const { segments, movers, flows } = apply(new Assignment(score_rules(rules_of(tests, otherwise))!, bins), cells);
      const customers = [...segments.values()].reduce((sum, each) => sum + each.customers, 0);
      const monetary = [...segments.values()].reduce((sum, each) => sum + each.monetary, 0n);
      expect(customers).toBe(cells.reduce((sum, each) => sum + each.customers, 0));
      expect(monetary).toBe(cells.reduce((sum, each) => sum + each.monetary, 0n));
      expect(movers.customers).toBe(flows.reduce((sum, flow) => sum + flow.customers, 0));
      expect(movers.monetary).toBe(flows.reduce((sum, flow) => sum + flow.monetary, 0n));
      expect(flows.every(({ from, to }) => from !== to)).toBe(true);
    }));
  });
});
