// No mouse: the way to the audience file, single keys, focus.
import { same, settled, that } from '../browser.mjs';
import { query_of, visits } from '../visit.mjs';

export default async function (context) {
  const { at } = await visits(context, 'sample');

  await at('the keyboard alone reaches the audience file', '', async (page) => {
    const focused = () => page.evaluate(() => document.activeElement.closest('.treemap') !== null);
    for (let i = 0; i < 45 && !(await focused()); i++) await page.keyboard.press('Tab');
    that(await focused(), 'the treemap is reached by Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside');
    const on = () => page.evaluate(() => document.activeElement.textContent.trim());
    for (let i = 0; i < 80 && (await on()) !== 'Export audience'; i++) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate(() => {
        const rect = document.activeElement.getBoundingClientRect(), x = rect.left + rect.width / 2, y = rect.top + Math.min(rect.height / 2, 10);
        const top = document.elementFromPoint(x, y);
        return !top || x < 0 || y < 0 || y > innerHeight || document.activeElement.contains(top) || top.contains(document.activeElement) || document.activeElement.matches('[data-rove]') ? '' : `${document.activeElement.outerHTML.slice(0, 80)} under ${top.outerHTML.slice(0, 60)}`;
      });
      same(seen, '', 'focus is not hidden');
    }
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    same(await on(), 'Export audience', 'focus returns');
  });

  await at('single keys lead everywhere and can be switched off', '', async (page) => {
    for (const [key, name] of [['c', 'customers'], ['i', 'insights'], ['r', 'rules'], ['q', 'quality'], ['p', 'report']]) {
      await page.keyboard.press('g');
      await page.keyboard.press(key);
      await page.waitForFunction((name) => location.search.includes(`page=${name}`), name);
      await page.evaluate(() => document.activeElement.blur());
    }
    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.getByLabel('Single-key shortcuts').uncheck();
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press('?');
    await page.waitForTimeout(150);
    same(await page.locator('dialog').count(), 0, 'off');
  });

  await at('a segment opens, steps with brackets and closes with focus back', '', async (page) => {
    await page.locator('.tile').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('aside');
    const first = query_of(page);
    await page.keyboard.press(']');
    that(query_of(page) !== first, 'the next segment');
    await page.keyboard.press('[');
    same(query_of(page), first, 'back again');
    await page.keyboard.press('Escape');
    await page.waitForSelector('aside', { state: 'detached' });
    that(await page.evaluate(() => document.activeElement.classList.contains('tile')), 'focus is on a tile');
  });
}
