// Movement between two marts of the same shop.
import { readFileSync } from 'node:fs';
import { same, that } from '../browser.mjs';
import { integer, visits } from '../visit.mjs';

export default async function (context) {
  const { api, at, meta } = await visits(context, 'orders', 'orders_before');
  const name = (id) => meta.segments.find(({ segment_id }) => segment_id === id)?.segment_name ?? id;

  await at('the movement is that of the API, in the largest moves and the matrix', 'page=migration', async (page) => {
    const { flows } = await api('/migration'), moves = flows.filter(({ from, to }) => from && to && from !== to).sort((a, b) => b.customers - a.customers);
    that(moves.length > 3, 'somebody moves');
    const first = page.locator('section', { has: page.getByRole('heading', { name: 'Largest moves' }) }).locator('tbody tr').first();
    same((await first.locator('td').allInnerTexts()).slice(0, 3).map((text) => text.trim()), [name(moves[0].from), name(moves[0].to), integer(moves[0].customers)], 'the largest');
    const moved = moves.reduce((sum, { customers }) => sum + customers, 0);
    that((await page.locator('.headline').innerText()).startsWith(integer(moved)), 'the headline counts them');
  });
  await at('a flow leads to its customers and its file', 'page=migration', async (page) => {
    const { flows } = await api('/migration'), [{ from, to, customers }] = flows.filter(({ from, to }) => from && to && from !== to).sort((a, b) => b.customers - a.customers);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: new RegExp(`^Export customers from ${name(from)} to ${name(to)}`) }).first().click()]);
    same(readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n').length - 1, customers, 'rows in the file');
  });
  await at('a move that is pointed at stands out of the flows', 'page=migration', async (page) => {
    same(await page.locator('.sankey path.off').count(), 0, 'at first');
    await page.locator('.moves tbody tr').first().hover();
    same(await page.locator('.sankey path:not(.off)').count(), 1, 'one flow');
    await page.locator('.headline').hover();
    same(await page.locator('.sankey path.off').count(), 0, 'again');
  });
  await at('all flows or only movers is in the link', 'page=migration', async (page) => {
    await page.getByRole('button', { name: 'All', exact: true }).click();
    that(page.url().includes('movers=all'), page.url());
  });
  await at('the segments say what they were before', '', async (page) => {
    that((await page.locator('.kpis').innerText()).includes('since'), 'growth');
    that(await page.getByRole('link', { name: 'Migration' }).isVisible(), 'the page is offered');
  });
}
