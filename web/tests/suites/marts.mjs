// Marts that are hard to show: markup in every name, 200 segments, no attributes, one customer, ten bins.
import { readFileSync } from 'node:fs';
import { open_page, same, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

export default async function (context) {
  const { browser, tally } = context;
  for (const name of ['hostile', 'bare', 'one', 'ten']) {
    const { go, views } = await visits(context, name);
    for (const [size, width] of [['wide', 1440], ['phone', 320]]) {
      const page = await open_page(browser, { width });
      for (const [view, query] of Object.entries({ ...views, filtered: 'cells=55&metric=monetary&table=value' }))
        await tally.case(`${view} of a mart that is ${name}, ${size}`, async () => {
          await go(page, query);
          same(await page.locator('[role=alert]').allInnerTexts(), [], 'alerts');
          same(await page.evaluate(() => [window.hacked === undefined, document.querySelectorAll('main :is(img, script, iframe, b > b, a[href^="javascript:"])').length]), [true, 0], 'markup');
          that((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, 'it scrolls sideways');
          that((await page.evaluate(() => document.querySelector('main').innerText.trim().length)) > 40, 'something is shown');
          same(page.faults.splice(0), [], 'console');
        });
      await page.context().close();
    }
  }
  const { at, meta } = await visits(context, 'hostile');
  await at('markup in a name is shown as it is written', '', async (page) => {
    const { segment_name } = meta.segments[0];
    that(segment_name.startsWith('<script>'), segment_name);
    that((await page.locator('tbody th button').allInnerTexts()).some((text) => text.includes('<script>')), 'the name is text');
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: /as SVG$/ }).first().click()]);
    
    const svg = readFileSync(await file.path(), 'utf8');
    that(!/<(script|img)/.test(svg), 'no markup in the picture');
  });
}
