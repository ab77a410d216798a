import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { box_of, condition_of, ConditionError, evaluate, names, on_scores_only, parse, type Box, type Value, parts_of } from '../../src/model/condition';

const bins = { r_score: 5, f_score: 5, m_score: 5 };
const field = (row: Record<string, Value>) => (name: string) => row[name] ?? null;
const truth = (text: string, row: Record<string, Value> = {}) => evaluate(parse(text), field(row));
const range = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as [number, number]);
const box = fc.record({ r_score: range, f_score: range, m_score: range });

describe('conditions', () => {
  it('bind not before and before or', () => {
    expect(truth('not a = 1 and b = 1 or c = 1', { a: 1, b: 1, c: 1 })).toBe(true);
    expect(truth('not (a = 1 and b = 1 or c = 1)', { a: 1, b: 1, c: 1 })).toBe(false);
  });
  it('know what is unknown', () => {
    expect(truth('x > 1')).toBe(null);
    expect(truth('x > 1 and 1 = 2')).toBe(false);
    expect(truth('x > 1 or 1 = 1')).toBe(true);
    expect(truth('not x > 1')).toBe(null);
    expect(truth('x in (1, 2)')).toBe(null);
    expect(truth('x is missing')).toBe(true);
    expect(truth('x between 1 and 2 or y', { y: false })).toBe(null);
  });
  it('read text, dates, backquotes and functions', () => {
    expect(truth('starts_with(code, "a\\"b")', { code: 'a"bc' })).toBe(true);
    expect(truth('contains(`two words`, "o w")', { 'two words': 'two words' })).toBe(true);
    expect(truth('day >= 2023-11-15', { day: '2023-12-01' })).toBe(true);
    expect(truth('premium', { premium: true })).toBe(true);
  });
  it('say where they are wrong', () => {
    const at = (text: string) => {
      try {
        parse(text);
        return 0;
      } catch (error) {
        return (error as ConditionError).column;
      }
    };
    expect(at('r_score >= ')).toBe(12);
    expect(at('r_score # 2')).toBe(9);
    expect(at('(r_score = 1')).toBe(13);
    expect(at('r_score = 1 2')).toBe(13);
    expect(at('')).toBe(1);
  });
  it('never do anything but parse or refuse', () => {
    fc.assert(fc.property(fc.string(), (text) => {
      try {
        names(parse(text));
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError);
      }
    }));
  });
  it('tell scores from other fields', () => {
    expect(on_scores_only(parse('r_score >= 4 and rfm_total > 9'))).toBe(true);
    expect(on_scores_only(parse('r_score >= 4 and age > 9'))).toBe(false);
  });
});

describe('boxes', () => {
  it('come back from the condition they make', () => {
    fc.assert(fc.property(box, (box: Box) => void expect(box_of(parse(condition_of(box, bins)), bins)).toEqual(box)));
  });
  it('hold exactly the cells of their condition', () => {
    fc.assert(fc.property(box, fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 5 }))), (box: Box, [r, f, m]) => {
      const inside = r! >= box.r_score[0] && r! <= box.r_score[1] && f! >= box.f_score[0] && f! <= box.f_score[1] && m! >= box.m_score[0] && m! <= box.m_score[1];
      expect(truth(condition_of(box, bins), { r_score: r!, f_score: f!, m_score: m! })).toBe(inside);
    }));
  });
  it('are not made of anything else', () => {
    for (const text of ['r_score = 1 or f_score = 1', 'not r_score = 1', 'r_score in (1, 3)', 'r_score != 2', 'age > 3', 'rfm_total > 9', 'r_score > 4 and r_score < 3', 'r_score >= f_score'])
      expect(box_of(parse(text), bins), text).toBe(null);
  });
});

describe('the parts of a condition', () => {
  it('are those that must all hold', () => {
    expect(parts_of('r_score >= 4 and f_score between 2 and 3 and m_score in (1)')).toEqual(['r_score >= 4 and f_score between 2 and 3 and m_score in (1)']);
    expect(parts_of('r_score >= 4 and f_score between 2 and 3 and m_score = 1')).toEqual(['r_score >= 4', 'f_score between 2 and 3', 'm_score = 1']);
  });
  it('are one where it is anything else', () => {
    for (const when of ['r_score = 1 or f_score = 2', 'not r_score = 1', 'city = "a and b"', 'r_score >=']) expect(parts_of(when)).toEqual([when]);
  });
});
