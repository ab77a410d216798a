// Every page at 320 px, at 200 % and without motion: nothing is cut off, nothing scrolls sideways.
import { open_page, same, settled, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

const sideways = (page) => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
/** What runs out of its box although nothing lets it scroll there. */
const cut_off = () =>
  [...document.querySelectorAll('main *')]
    .filter((node) => {
      const style = getComputedStyle(node);
      return node.clientWidth && node.scrollWidth > node.clientWidth + 1 && style.overflowX === 'visible' && style.display !== 'inline' && !node.closest('svg, .sr, [data-scroll]') && node.getBoundingClientRect().left + node.scrollWidth > innerWidth + 1;
    })
    .map((node) => node.outerHTML.slice(0, 90));

export default async function (context) {
  const shop = await visits(context, 'sample'), orders = await visits(context, 'orders', 'orders_before');
  for (const [name, width, height, deviceScaleFactor, locale] of [['320 px', 320, 640, 1], ['320 px in German', 320, 640, 1, 'de-DE'], ['200 % of a 1440 px screen', 720, 450, 2], ['a tablet', 900, 800, 1]]) {
    const page = await open_page(context.browser, { width, height, deviceScaleFactor, locale: locale ?? 'en-US' });
    for (const [visit, views] of [[shop, shop.views], [orders, { overview: '', migration: 'page=migration' }]])
      for (const [view, query] of Object.entries(views))
        await context.tally.case(`${view} of ${visit.meta.currency} fits ${name}`, async () => {
          await visit.go(page, query);
          that((await sideways(page)) <= 0, `${await sideways(page)} px too wide`);
          same(await page.evaluate(cut_off), [], 'cut off');
        });
    await page.context().close();
  }
  await context.tally.case('wider text spacing is lost nowhere', async () => {
    const page = await open_page(context.browser, { bypassCSP: true });
    for (const [view, query] of Object.entries(shop.views)) {
      await shop.go(page, query);
      await page.addStyleTag({ content: '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }' });
      that((await sideways(page)) <= 0, `${view}: it scrolls sideways`);
      same(await page.evaluate(cut_off), [], view);
    }
    await page.context().close();
  });
  await shop.at('reduced motion has none', '', async (page) => {
    same(await page.locator('.tile').first().evaluate((node) => getComputedStyle(node).transitionDuration), '0s', 'tiles');
  });
}
