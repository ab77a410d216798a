// axe on every page, theme, size and state: node tests/a11y/run.mjs [part of a name]
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { open_browser, open_page, open_server, same, settled, Tally, that } from '../browser.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const tally = new Tally();
const server = await open_server(['--customers', '20000', '--previous']);
const browser = await open_browser();
const meta = await (await fetch(`${server.base}/api/v1/meta`)).json();
const segment = `segment=${encodeURIComponent(meta.segments[0].segment_id)}`;

const views = {
  overview: '', panel: segment, filtered: 'cells=55,54&recency_days=..90', empty: 'recency_days=1000000..', segment: `page=segment&${segment}`, customers: 'page=customers', customer: 'page=customers&customer=1',
  insights: 'page=insights', rules: `page=rules&${segment}`, quality: 'page=quality', report: 'page=report', ...(meta.previous ? { migration: 'page=migration' } : {}),
};
const states = {
  async error(page) {
    await page.route('**/api/v1/meta', (route) => route.abort());
    await page.goto(server.base);
    await page.waitForSelector('[role=alert]');
  },
  async loading(page) {
    await page.route('**/api/v1/cube**', () => {});
    await page.goto(server.base, { waitUntil: 'commit' });
    await page.waitForSelector('#main [aria-busy=true]');
  },
  async help(page) {
    await page.goto(server.base);
    await settled(page);
    await page.getByRole('button', { name: 'Help and settings' }).click();
    await page.waitForSelector('dialog[open]');
  },
  async audience(page) {
    await page.goto(`${server.base}/?${segment}`);
    await settled(page);
    await page.getByRole('button', { name: 'Export audience' }).click();
    await page.waitForSelector('dialog .big');
  },
  async menus(page) {
    await page.goto(server.base);
    await settled(page);
    await page.locator('.filters .filter').nth(1).click();
    await page.waitForSelector('.box');
  },
  async export(page) {
    await page.goto(server.base);
    await settled(page);
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.waitForSelector('.box');
  },
};
/** Smallest side 24 px (2.5.8); tiles and grid cells have an equal control in the table. */
const small_targets = () =>
  [...document.querySelectorAll('button, a, input, select, summary, textarea')]
    .filter((node) => {
      const rect = node.getBoundingClientRect();
      return rect.width && rect.height && !node.closest('.sr, .skip') && !node.matches('.skip, [data-rove], input[type=checkbox], input[type=range]') && (rect.width < 24 || rect.height < 24);
    })
    .map((node) => `${node.outerHTML.slice(0, 90)} ${Math.round(node.getBoundingClientRect().width)}x${Math.round(node.getBoundingClientRect().height)}`);

async function check(page) {
  const found = await page.evaluate(async ({ source, tags }) => {
    if (!window.axe) (0, eval)(source);
    const { violations } = await window.axe.run(document, { runOnly: tags });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.length}× ${nodes[0].target.join(' ')} ${(nodes[0].any[0]?.message ?? nodes[0].failureSummary ?? '').slice(0, 160)}`);
  }, { source: axe, tags: rules });
  same(found, [], 'axe');
  same(await page.evaluate(small_targets), [], 'targets under 24 px');
}

for (const theme of ['light', 'dark'])
  for (const [size, [width, height]] of Object.entries({ wide: [1440, 900], phone: [390, 844] })) {
    const page = await open_page(browser, { theme, width, height, bypassCSP: true });
    for (const [name, query] of Object.entries(views))
      await tally.case(`${name}, ${theme}, ${size}`, async () => {
        await page.goto(`${server.base}/?${query}`);
        await settled(page);
        await check(page);
      });
    await page.context().close();
    for (const [name, show] of Object.entries(states))
      await tally.case(`${name}, ${theme}, ${size}`, async () => {
        const page = await open_page(browser, { theme, width, height, bypassCSP: true });
        await show(page);
        await check(page);
        await page.context().close();
      });
  }

await tally.case('forced colours keep names and borders', async () => {
  const page = await open_page(browser, { forcedColors: 'active', bypassCSP: true });
  await page.goto(`${server.base}/?${segment}`);
  await settled(page);
  that((await page.locator('.tile').first().evaluate((node) => getComputedStyle(node).borderTopWidth)) !== '0px', 'tiles have borders');
  await page.context().close();
});
await tally.case('reduced motion has none', async () => {
  const page = await open_page(browser, {});
  await page.goto(server.base);
  await settled(page);
  same(await page.locator('.tile').first().evaluate((node) => getComputedStyle(node).transitionDuration), '0s', 'tiles');
  await page.context().close();
});
await tally.case('twice the text size still fits', async () => {
  const page = await open_page(browser, { width: 720, height: 450, deviceScaleFactor: 2 });
  for (const query of Object.values(views)) {
    await page.goto(`${server.base}/?${query}`);
    await settled(page);
    that((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, `${query} scrolls sideways`);
  }
  await page.context().close();
});

await browser.close();
server.close();
tally.end();
