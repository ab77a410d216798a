import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff_lines, hunks } from '../../src/model/diff';

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 });

describe('a difference of lines', () => {
  it('gives both sides back', () => {
    fc.assert(fc.property(text, text, (before, after) => {
      const lines = diff_lines(before, after);
      expect(lines.filter(({ kind }) => kind !== 'in').map((line) => line.text)).toEqual(before);
      expect(lines.filter(({ kind }) => kind !== 'out').map((line) => line.text)).toEqual(after);
    }));
  });
  it('marks nothing where nothing changed, and one line where one did', () => {
    expect(diff_lines(['a', 'b'], ['a', 'b']).every(({ kind }) => kind === 'same')).toBe(true);
    expect(diff_lines(['a', 'b', 'c'], ['a', 'x', 'c']).map(({ kind }) => kind)).toEqual(['same', 'out', 'in', 'same']);
  });
  it('is shown with the lines around it alone', () => {
    const before = [...'abcdefghij'], after = before.map((line) => (line === 'e' ? 'x' : line));
    expect(hunks(diff_lines(before, after), 1).map((line) => line && line.text)).toEqual([null, 'd', 'e', 'x', 'f', null]);
    expect(hunks(diff_lines(['a'], ['a']))).toEqual([null]);
  });
});
