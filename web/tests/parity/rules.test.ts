import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Cube, Meta, Preview, Rule } from '../../src/api/schema';
import { read_cells } from '../../src/model/aggregate';
import { decimal } from '../../src/model/money';
import { apply, Assignment, lint, score_rules } from '../../src/model/rules';

/** The browser's rules against those of the `quintile serve` at SERVER_URL. */
const base = process.env.SERVER_URL;
const read = async <T>(path: string, init?: RequestInit) => (await (await fetch(`${base}/api/v1${path}`, init)).json()) as T;

describe('the browser and the engine', () => {
  it('give equal counts for 1,000 random rule sets', async () => {
    const meta = await read<Meta>('/meta');
    const cells = read_cells((await read<Cube>('/cube?by=segment')).cells, meta.money_scale);
    const score = (name: keyof Meta['bins']) => fc.integer({ min: 1, max: meta.bins[name] });
    const atom = fc.constantFrom('r_score', 'f_score', 'm_score').chain((name) => {
      const value = score(name as keyof Meta['bins']);
      return fc.oneof(
        fc.tuple(fc.constantFrom('=', '!=', '<', '<=', '>', '>='), value).map(([operator, s]) => `${name} ${operator} ${s}`),
        fc.tuple(value, value).map(([a, b]) => `${name} between ${Math.min(a, b)} and ${Math.max(a, b)}`),
        fc.uniqueArray(value, { minLength: 1, maxLength: 3 }).map((list) => `${name} in (${list.join(', ')})`),
      );
    });
    const condition = fc.tuple(fc.array(atom, { minLength: 1, maxLength: 4 }), fc.array(fc.tuple(fc.constantFrom('and', 'or', 'and not', 'or not')), { minLength: 3, maxLength: 3 })).map(([atoms, links]) => atoms.map((each, i) => (i ? `${links[i - 1]![0]} ${each}` : each)).join(' '));
    await fc.assert(
      fc.asyncProperty(fc.array(condition, { minLength: 1, maxLength: 8 }), async (conditions) => {
        const segments: Rule[] = conditions.map((when, i) => ({ id: `s${i}`, name: `S${i}`, family: 'core', when }));
        segments.push({ id: 'rest', name: 'Rest', family: 'dormant', otherwise: true });
        const preview = await read<Preview>('/rules/preview', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ rules: { version: 1, name: 'Parity', segments } }) });
        const on_scores = score_rules(segments)!;
        const mine = apply(new Assignment(on_scores, meta.bins), cells);
        for (const { segment_id, customers, monetary } of preview.segments) {
          const sums = mine.segments.get(segment_id);
          expect([sums?.customers ?? 0, decimal(sums?.monetary ?? 0n, meta.money_scale)], `${segment_id} of ${conditions}`).toEqual([customers, monetary]);
        }
        const report = lint(on_scores, meta.bins);
        expect(report.segments.map(({ cells, cells_matched, dead }) => [cells, cells_matched, dead])).toEqual(preview.lint.segments.map(({ cells, cells_matched, dead }) => [cells, cells_matched, dead]));
        expect(report.verdict).toBe(preview.lint.verdict);
        expect(report.overlaps).toEqual(preview.lint.overlaps);
      }),
      { numRuns: 1000 },
    );
  });
});
