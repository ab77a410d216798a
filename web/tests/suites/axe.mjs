// axe on every page and state in one theme, two sizes; target sizes; forced colours; motion.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { open_page, same, settled, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const sizes = { wide: [1440, 900], phone: [390, 844] };

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
    const { violations } = await window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.length}× ${nodes[0].target.join(' ')} ${(nodes[0].any[0]?.message ?? nodes[0].failureSummary ?? '').slice(0, 160)}`);
  }, { source: axe, tags });
  same(found, [], 'axe');
  same(await page.evaluate(small_targets), [], 'targets under 24 px');
}

export async function check_theme(context, theme) {
  const { browser, tally } = context;
  const shop = await visits(context, 'sample'), orders = await visits(context, 'orders', 'orders_before');
  const states = {
    async error(page) {
      await page.route('**/api/v1/meta', (route) => route.abort());
      await page.goto(shop.base);
      await page.waitForSelector('[role=alert]');
    },
    async loading(page) {
      await page.route('**/api/v1/cube**', () => {});
      await page.goto(shop.base, { waitUntil: 'commit' });
      await page.waitForSelector('#main [aria-busy=true]');
    },
    async help(page) {
      await shop.go(page);
      await page.getByRole('button', { name: 'Help and settings' }).click();
      await page.waitForSelector('dialog[open]');
    },
    async palette(page) {
      await shop.go(page);
      await page.keyboard.press('Control+k');
      await page.locator('dialog [role=combobox]').fill('a');
    },
    async audience(page) {
      await shop.go(page, shop.views.panel);
      await page.getByRole('button', { name: 'Export audience' }).click();
      await page.waitForSelector('dialog .big');
    },
    async 'filter menu'(page) {
      await shop.go(page);
      await page.locator('.filters .filter').nth(1).click();
      await page.waitForSelector('.box');
    },
    async 'export menu'(page) {
      await shop.go(page);
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      await page.waitForSelector('.box');
    },
    async 'draft with a dead rule'(page) {
      await shop.go(page, 'page=rules');
      await page.locator('ol > li .name').nth(1).click();
      await page.locator('.editor textarea').fill('r_score >= 6');
      await page.getByText('Faulty').waitFor();
    },
  };
  const views = { ...shop.views, filtered: 'cells=55,54&recency_days=..90', empty: 'recency_days=1000000..' };
  for (const [size, [width, height]] of Object.entries(sizes)) {
    const page = await open_page(browser, { theme, width, height, bypassCSP: true });
    for (const [name, query] of Object.entries(views))
      await tally.case(`${name}, ${theme}, ${size}`, async () => {
        await shop.go(page, query);
        await check(page);
      });
    await tally.case(`migration, ${theme}, ${size}`, async () => {
      await orders.go(page, 'page=migration');
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
  await tally.case(`forced colours keep borders and marks, ${theme}`, async () => {
    const page = await open_page(browser, { theme, forcedColors: 'active', bypassCSP: true });
    await shop.go(page, shop.views.panel);
    that((await page.locator('.tile').first().evaluate((node) => getComputedStyle(node).borderTopWidth)) !== '0px', 'tiles have borders');
    that((await page.locator('.cells button').first().evaluate((node) => getComputedStyle(node).borderTopWidth)) !== '0px', 'cells have borders');
    that((await page.locator('aside .scale i').first().evaluate((node) => getComputedStyle(node).forcedColorAdjust)) === 'none', 'bars keep their colour');
    await check(page);
    await page.context().close();
  });
}
