import { describe, expect, it } from 'vitest';
import { matching, rank } from '../../src/model/match';

describe('what was typed', () => {
  it('is sought in any case, without accents, word by word', () => {
    expect(rank('City: Zürich', 'zurich')).not.toBeNull();
    expect(rank('At-risk regulars', 'REG risk')).not.toBeNull();
    expect(rank('Champions', 'lost')).toBeNull();
    expect(rank('a.b', '(')).toBeNull();
    expect(rank('f(x)', '(x')).not.toBeNull();
  });
  it('prefers the beginning of a text, then of a word', () => {
    const texts = ['Slow', 'City: Lowell', 'Low'].map((text) => ({ text }));
    expect(matching(texts, 'low', 9).map(({ text }) => text)).toEqual(['Low', 'City: Lowell', 'Slow']);
  });
  it('keeps the order of equals and takes no more than asked', () => {
    const texts = ['b1', 'b2', 'b3'].map((text) => ({ text }));
    expect(matching(texts, 'b', 2).map(({ text }) => text)).toEqual(['b1', 'b2']);
    expect(matching(texts, '', 9)).toEqual(texts);
  });
});
