// English and German.
import { readFileSync } from 'node:fs';
import { same, settled, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

export default async function (context) {
  const { at, meta, views } = await visits(context, 'sample');

  await at('German is a choice', '', async (page) => {
    await page.getByRole('button', { name: 'Help and settings' }).click();
    await page.getByLabel('Language').selectOption('de');
    await page.getByText('Überblick').first().waitFor();
    same(await page.evaluate(() => document.documentElement.lang), 'de', 'lang');
    await page.reload();
    await settled(page);
    that(await page.getByText('Segmentübersicht').first().isVisible(), 'it is remembered');
    same(new URL(page.url()).search, '', 'not in the link');
  });

  await at('a German browser speaks German', '', async (page) => that(await page.getByText('Segmentübersicht').first().isVisible(), 'title'), { locale: 'de-DE' });

  const catalogue = (language) => new Map([...readFileSync(`src/text/${language}.ts`, 'utf8').matchAll(/'([\w.]+)': '((?:[^'\\]|\\.)*)'/g)].map(([, key, text]) => [key, text.replace(/\\(.)/g, '$1')]));
  const names = new Set(meta.segments.map(({ segment_name }) => segment_name)); // data, in the language of the rule file
  const english = catalogue('en'), german = catalogue('de'), both = new Set(german.values());
  const only_english = [...english].filter(([key, text]) => !text.includes('{') && german.get(key) !== text && !both.has(text) && !names.has(text)).map(([, text]) => text);
  const orders = await visits(context, 'orders', 'orders_before');
  for (const [visit, view, query] of [...Object.entries(views).map(([view, query]) => [{ at }, view, query]), [orders, 'migration', 'page=migration'], [orders, 'quality of order lines', 'page=quality']])
    await visit.at(`nothing English is left on ${view} in German`, query, async (page) => {
      that(only_english.length > 250, `${only_english.length} messages differ`);
      const said = await page.evaluate(() => {
        const found = new Set(), walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        for (let node = walker.nextNode(); node; node = walker.nextNode()) if (!node.parentElement.closest('[lang=en], script, style')) found.add(node.data.trim());
        for (const node of document.querySelectorAll('[aria-label], [title], [placeholder]')) for (const name of ['aria-label', 'title', 'placeholder']) found.add(node.getAttribute(name)?.trim());
        return [...found];
      });
      same(said.filter((text) => only_english.includes(text)), [], 'English');
      same(await page.locator('.reason [lang=en], .done [lang=en]').allInnerTexts(), [], 'reasons');
      that(said.some((text) => /\d\.\d{3}/.test(text ?? '')) || !/customers|overview|report|quality/.test(view), 'numbers are written as in German');
    }, { locale: 'de-DE' });
}
