import { describe, expect, it } from 'vitest';
import { text_fitting, text_width } from '../../src/chart/text_width';

describe('the width of a text', () => {
  it('goes by its letters', () => {
    expect(text_width('illi', 12)).toBeLessThan(text_width('aaaa', 12));
    expect(text_width('WWWW', 12)).toBeGreaterThan(text_width('aaaa', 12));
    expect(text_width('顧客', 12)).toBeGreaterThan(24);
    expect(text_width('Loyal', 24)).toBeCloseTo(2 * text_width('Loyal', 12));
  });
  it('shortens what does not fit, and says so', () => {
    expect(text_fitting('Loyal', 12, 100)).toBe('Loyal');
    expect(text_fitting('Potential loyalists', 12, 70)).toMatch(/^Potenti.*…$/);
    expect(text_width(text_fitting('Potential loyalists', 12, 70), 12)).toBeLessThanOrEqual(70);
    expect(text_fitting('Loyal', 12, 3)).toBe('');
    expect(text_fitting('🙂🙂🙂', 12, 30)).toBe('🙂…');
  });
});
