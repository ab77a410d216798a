import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { de } from '../../src/text/de';
import { en } from '../../src/text/en';
import { make_formats } from '../../src/text/format';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

describe('formats', () => {
  it('follow the locale', () => {
    const english = make_formats('en-US', 'USD'), german = make_formats('de-DE', 'USD'), japanese = make_formats('ja-JP', 'JPY');
    expect(plain(english.money_compact('53812345.12'))).toBe('$53.8M');
    expect(plain(german.money_compact('53812345.12'))).toBe('53,8 Mio. $');
    expect(plain(german.money_compact('683557.40'))).toBe('683.557 $');
    expect(german.compact(1335)).toBe('1.335');
    expect(english.compact(1335)).toBe('1.3K');
    expect(plain(german.percent(0.367))).toBe('36,7 %');
    expect(plain(japanese.money_compact(53_812_345))).toBe('¥5381.2万'.replace('¥', '￥'));
    expect(english.integer(100000)).toBe('100,000');
    expect(german.integer(100000)).toBe('100.000');
    expect(english.day('2023-11-15')).toBe('Nov 15, 2023');
    expect(german.day('2023-11-15')).toBe('15. Nov. 2023');
    expect(english.day('not a day')).toBe('not a day');
  });
  it('write a true minus and a sign that is always there', () => {
    const format = make_formats('en-US', 'USD');
    expect(format.delta(-0.42)).toBe('−42%');
    expect(format.delta(0.42)).toBe('+42%');
    expect(format.delta(0.001)).toBe('0%');
    expect(format.signed(-1234)).toBe('−1,234');
  });
  it('keep every digit of an amount', () => {
    expect(make_formats('en-US', 'USD').money_exact('90071992547409931.25')).toBe('$90,071,992,547,409,931.25');
  });
  it('survive a currency that is none', () => {
    expect(make_formats('en-US', '??').money('5')).toBe('5 ??');
  });
});

describe('catalogues', () => {
  const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
  it('have the same parameters in both languages', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[]) expect(holes(de[key]), key).toEqual(holes(en[key]));
  });
  it('have nothing empty', () => {
    for (const [key, text] of [...Object.entries(en), ...Object.entries(de)]) expect(text.trim(), key).not.toBe('');
  });
  const sources = (folder: string): string[] => readdirSync(folder).map((name) => `${folder}/${name}`).flatMap((path) => (statSync(path).isDirectory() ? sources(path) : /\.(ts|svelte)$/.test(path) ? [readFileSync(path, 'utf8')] : []));
  it('name every check that the review has built in', () => {
    const list = /kBuiltInChecks\[\] = \{([^}]*)\}/.exec(readFileSync('../src/quintile/quality/review.h', 'utf8'))?.[1] ?? '';
    const checks = [...list.matchAll(/"(\w+)"/g)].map((match) => match[1]);
    expect(checks.length).toBeGreaterThan(15);
    expect(checks.filter((check) => !Object.hasOwn(en, `check.${check}`))).toEqual([]);
  });
  it('hold no message that nobody says', () => {
    const text = sources('src').filter((source) => !source.includes('Catalogue = {') && !source.includes('export const en =')).join('\n');
    const begins = [...text.matchAll(/`([a-z_.]+)\.\$\{/g)].map((match) => `${match[1]}.`);
    const unsaid = Object.keys(en).filter((key) => !text.includes(`'${key.replace(/\.one$/, '')}'`) && !begins.some((begin) => key.startsWith(begin)) && !text.includes(`'${key}'`));
    expect(unsaid).toEqual([]);
  });
  it('leave no words in the pages themselves', () => {
    const markup = sources('src').filter((source) => source.includes('<script lang="ts">')).map((source) => source.replace(/<script[\s\S]*?<\/script>/g, '').replace(/<style[\s\S]*?<\/style>/g, '').replace(/<!--[\s\S]*?-->/g, ''));
    const words = markup.flatMap((text) => [...text.replace(/\{[^{}]*(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}[^{}]*)*\}/g, '').matchAll(/>([^<>]*[A-Za-z]{3}[^<>]*)</g)].map((match) => match[1]!.trim()));
    expect(words.filter((each) => !['Quintile', 'English', 'Deutsch', 'YAML', 'CSV', 'Parquet', 'PDF', 'SVG', 'PNG', '· Quintile'].includes(each) && !/^Quintile \w/.test(each))).toEqual([]);
  });
});
