// Loading, empty, error, stale and malformed.
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open_page, same, settled, that } from '../browser.mjs';
import { mart, publish, serve } from '../marts.mjs';
import { kpi, query_of, visits } from '../visit.mjs';

export default async function (context) {
  const { browser, tally } = context, { at, base, some } = await visits(context, 'sample');

  await at('a malformed link loses its bad part and says so', 'cells=99&nonsense=1&page=overview&metric=monetary', async (page) => {
    that(await page.getByText('were not understood').isVisible(), 'the notice');
    same(query_of(page), '?metric=monetary', 'the rest stays');
  });

  await at('filters that match nobody show a way out', 'recency_days=1000000..', async (page) => {
    that(await page.getByText('No customers match these filters').isVisible(), 'the empty state');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.waitForSelector('.tile');
  });

  await at('a server that is down is told, and coming back is enough', '', async (page) => {
    await page.route('**/api/v1/segments**', (route) => route.abort());
    await page.route('**/api/v1/cube**', (route) => route.abort());
    await page.goto(`${base}/?${some}`);
    await page.getByText('The server did not answer.').first().waitFor();
    that(new URL(page.url()).search.length > 1, 'filters are kept');
    await page.unroute('**/api/v1/segments**');
    await page.unroute('**/api/v1/cube**');
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await page.waitForSelector('.tile');
    page.faults.length = 0;
  });

  await at('one failing card leaves the others', '', async (page) => {
    await page.route('**/api/v1/segments**', (route) => route.fulfill({ status: 503, contentType: 'application/problem+json', body: JSON.stringify({ type: 'about:blank', title: 'x', status: 503, code: 'loading', detail: '<b>Loading</b> the mart', trace_id: 'abc' }) }));
    await page.goto(`${base}/?${some}`);
    await page.getByText('<b>Loading</b> the mart').waitFor();
    that((await page.locator('.tile').count()) > 0, 'the treemap is there');
    page.faults.length = 0;
  });

  await at('a slow answer shows the outline of the page', '', async (page) => {
    let answer;
    const asked = new Promise((resolve) => (answer = resolve));
    await page.route('**/api/v1/cube**', async (route) => {
      await asked;
      await route.continue().catch(() => {});
    });
    await page.goto(`${base}/?${some}&cells=55`, { waitUntil: 'commit' });
    await page.waitForSelector('#main [aria-busy=true]');
    answer();
    await page.waitForSelector('.tile');
  });

  await at('a newer mart is offered, and nothing is mixed', '', async (page) => {
    const before = await kpi(page, 0);
    const change = async (route) => {
      const response = await route.fetch();
      const snapshot_id = 'another';
      const body = route.request().url().includes('/snapshot') ? JSON.stringify({ snapshot_id, analysis_date: '2024-01-31' }) : await response.text();
      // An answer that is under way while the route is taken off has been given.
      await route.fulfill({ response, body, headers: { ...response.headers(), 'quintile-snapshot': snapshot_id } }).catch(() => {});
    };
    await page.route('**/api/v1/**', change);
    await page.locator('.filters .filter').first().click();
    await page.locator('.box input[type=checkbox]').first().check();
    await page.getByText('A newer snapshot').waitFor();
    same(await kpi(page, 0), before, 'the old numbers stay');
    await page.unroute('**/api/v1/**');
    await page.getByRole('button', { name: 'Load' }).click();
    await page.waitForFunction((old) => document.querySelector('.kpis dd').firstChild.textContent !== old, before);
    same(await page.getByText('A newer snapshot').count(), 0, 'the notice goes');
  });

  await tally.case('a mart published meanwhile is offered and loaded', async () => {
    const { base } = await serve(mart('live')), page = await open_page(browser);
    await page.goto(base);
    await settled(page);
    const before = await page.locator('.snapshot').innerText();
    publish('live', { analysis_date: '2023-12-24' });
    // The server looks at the folder now and then; any answer tells the page.
    for (const begin = Date.now(); !(await page.getByText('A newer snapshot').isVisible()) && Date.now() - begin < 90_000; ) {
      await page.locator('.choice button[aria-pressed=false]').first().click();
      await page.locator('.cells button').first().click();
      await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
      await settled(page);
    }
    await page.getByRole('button', { name: 'Load' }).click();
    await page.waitForFunction((old) => document.querySelector('.snapshot').innerText !== old, before);
    that((await page.locator('.snapshot').innerText()).includes('Dec 24, 2023'), 'the new date');
    same(page.faults, [], 'console');
    await page.context().close();
  });

  await tally.case('a newly published mart that cannot be opened is told, and the one before stays', async () => {
    const folder = `${mart('one')}-broken`;
    cpSync(mart('one'), folder, { recursive: true });
    const { base, stop } = await serve(folder), page = await open_page(browser);
    await page.goto(base);
    await settled(page);
    writeFileSync(join(folder, 'run.json'), '{');
    // The server tries more than once, as a mart may be half-way copied.
    const told = page.getByText('A new mart was published that cannot be opened');
    for (const begin = Date.now(); !(await told.isVisible()) && Date.now() - begin < 90_000; await settled(page)) await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
    same(await kpi(page, 0), '1', 'the numbers stay');
    await page.getByRole('button', { name: 'Close' }).click();
    same(await told.count(), 0, 'it can be put away');
    same(page.faults, [], 'console');
    await page.context().close();
    await stop();
  });

  await tally.case('a server that stopped is told, and one that starts again serves the same page', async () => {
    const first = await serve(mart('one')), page = await open_page(browser);
    await page.goto(`${first.base}/?page=customers`);
    await settled(page);
    await first.stop();
    await page.locator('[data-search]').fill('c0');
    await page.getByText('The server did not answer.').waitFor();
    const again = await serve(mart('one'), { port: new URL(first.base).port });
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.locator('[data-customer="1"]').waitFor();
    that(page.url().includes('q=c0'), 'the search is kept');
    await page.context().close();
    await again.stop();
  });
}
