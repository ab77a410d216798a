// What the Overview shows, against the API and the Parquet file; filters, links, the table.
import { same, settled, that } from '../browser.mjs';
import { mart } from '../marts.mjs';
import { grid_titles, integer, kpi, python, query_of, random_filters, segment_row, visits } from '../visit.mjs';

export default async function (context) {
  const { tally } = context;
  const { api, at, go, largest, meta, some } = await visits(context, 'sample');

  await at('the overview shows the numbers of the API', '', async (page) => {
    const { population, segments } = await api('/segments');
    same(await kpi(page, 0), integer(population.customers), 'customers');
    same(await page.locator('.tile').count(), segments.filter(({ customers }) => customers).length, 'tiles');
    same(await page.locator('tbody tr:not(.base)').count(), segments.length, 'rows');
    const cells = (await api('/cube')).cells;
    const per_cell = new Map();
    for (const { r_score, f_score, customers } of cells) per_cell.set(`${r_score}-${f_score}`, (per_cell.get(`${r_score}-${f_score}`) ?? 0) + customers);
    const r = meta.bins.r_score, titles = await grid_titles(page);
    that(titles[0].includes(integer(per_cell.get(`${r}-1`) ?? 0)), `first cell: ${titles[0]}`);
    same(titles.length, meta.bins.r_score * meta.bins.f_score, 'grid cells');
  });

  const filters = random_filters(meta, 12), from_parquet = python('parquet.py', { mart: mart('sample'), filters });
  await tally.case('the API says what a query over the Parquet file says', async () => {
    const many = random_filters(meta, 60, 99), sums = python('parquet.py', { mart: mart('sample'), filters: many });
    that(new Set(sums.map(({ customers }) => customers)).size > 30, 'the filters differ');
    for (const [i, { query }] of many.entries()) {
      const { filtered, segments } = await api(`/segments?${query}`), { cells } = await api(`/cube?by=segment&${query}`);
      same([filtered.customers, Math.round(filtered.monetary * 100)], [sums[i].customers, Math.round(sums[i].monetary * 100)], query);
      for (const { segment_id, customers, monetary } of segments) {
        const expected = sums[i].segments[segment_id] ?? { customers: 0, monetary: '0', frequency: 0 };
        same([customers, Number(monetary)], [expected.customers, Number(expected.monetary)], `${segment_id} under ${query}`);
        same(cells.filter((cell) => cell.segment_id === segment_id).reduce((sum, { frequency }) => sum + Number(frequency), 0), expected.frequency, `orders of ${segment_id} under ${query}`);
      }
    }
  });
  await at('the page shows what the API and the Parquet file say under random filters', '', async (page) => {
    for (const [i, { query }] of filters.entries()) {
      const answer = await api(`/segments?${query}`), sums = from_parquet[i];
      await go(page, `${query}&table=value`);
      if (!sums.customers) {
        that(await page.getByText('No customers match these filters').isVisible(), `empty: ${query}`);
        continue;
      }
      same(await kpi(page, 0), integer(sums.customers), `customers under ${query}`);
      for (const { segment_id, segment_name, mean_monetary } of answer.segments.filter(({ customers }) => customers)) {
        const row = segment_row(page, segment_name), { customers, monetary } = sums.segments[segment_id];
        const money = new Intl.NumberFormat('en-US', { style: 'currency', currency: meta.currency, maximumFractionDigits: 0 });
        same(await row.locator('td.kpi').first().innerText(), money.format(mean_monetary), `mean of ${segment_id} under ${query}`);
        same(money.format(monetary / customers), money.format(mean_monetary), `mean of ${segment_id} in the file under ${query}`);
        same(await row.locator('td.part').first().locator('.share').innerText(), new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(customers / sums.customers), `share of ${segment_id} under ${query}`);
      }
    }
  });

  await at('a filter narrows everything and goes again', '', async (page) => {
    const before = await kpi(page, 0);
    await page.locator('.filters .filter').first().click();
    await page.locator('.box input[type=checkbox]').first().check();
    await page.waitForFunction((old) => document.querySelector('.kpis dd').firstChild.textContent !== old, before);
    that(new URL(page.url()).search.length > 1, 'the filter is in the link');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Clear all' }).click();
    await page.waitForFunction((old) => document.querySelector('.kpis dd').firstChild.textContent === old, before);
    same(new URL(page.url()).search, '', 'link');
  });

  await at('a chart never filters itself', '', async (page) => {
    const titles = () => grid_titles(page);
    const tiles = await page.locator('.tile').count(), before = await titles();
    await page.locator('.cells button').first().click();
    await settled(page);
    same(await titles(), before, 'the grid keeps its numbers');
    await page.locator('.cells button').nth(1).click({ modifiers: ['Shift'] });
    that(/cells=51,52/.test(query_of(page)) || meta.bins.r_score !== 5, query_of(page));
    await go(page);
    await page.locator('.tile').first().click();
    await settled(page);
    same(await page.locator('.tile').count(), tiles, 'the treemap keeps its tiles');
    that(JSON.stringify(await titles()) !== JSON.stringify(before), 'the grid follows the segment');
  });

  await at('deltas are against all customers whatever the filter', `${some}`, async (page) => {
    const { segments } = await api(`/segments?${some}`);
    const one = segments.filter(({ customers }) => customers > 0)[0];
    const shown = await segment_row(page, one.segment_name).locator('td.kpi').first().innerText();
    const expected = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(one.kpi_deltas.mean_monetary.relative).replace('-', '−');
    same(shown, expected, one.segment_id);
  });

  await at('back, forward and reload keep the view', '', async (page) => {
    await page.locator('.cells button').first().click();
    await page.locator('.choice button', { hasText: 'Revenue' }).click();
    const link = page.url();
    await page.goBack();
    that(!page.url().includes('metric'), 'one step back');
    await page.goBack();
    same(new URL(page.url()).search, '', 'two steps back');
    await page.goForward();
    await page.goForward();
    same(page.url(), link, 'forward');
    await page.reload();
    await settled(page);
    same(page.url(), link, 'reload');
    same(await page.locator('.cells button[aria-pressed=true]').count(), 1, 'the cell is still picked');
  });

  await at('the table sorts', '', async (page) => {
    const names = () => page.locator('tbody tr:not(.base) th').allInnerTexts();
    await page.getByRole('columnheader', { name: 'Customers' }).getByRole('button').click();
    same((await names())[0].trim(), largest.segment_name, 'largest first');
    same(await page.getByRole('columnheader', { name: 'Customers' }).getAttribute('aria-sort'), 'descending', 'aria-sort');
    await page.getByRole('columnheader', { name: 'Segment' }).getByRole('button').click();
    const sorted = await names();
    same(sorted, [...sorted].sort((a, b) => a.localeCompare(b)), 'by name');
  });

  await at('a shared link is short and opens the same view', `${some}&cells=55,54&table=value&metric=monetary`, async (page) => {
    await page.getByRole('button', { name: 'Share' }).click();
    await page.getByText('Link copied').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    same(link, page.url(), 'the address');
    that(new URL(link).search.length < 90, `${link.length} characters`);
    const seen = () => page.locator('main').innerText(), before = await seen();
    await page.goto('about:blank');
    await page.goto(link);
    await settled(page);
    same(await seen(), before, 'the view');
  }, { permissions: ['clipboard-read', 'clipboard-write'] });
}
