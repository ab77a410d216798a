// Insights, Data quality and Report: the figures of the mart's files, live under filters.
import { readFileSync } from 'node:fs';
import { same, that } from '../browser.mjs';
import { mart } from '../marts.mjs';
import { integer, visits } from '../visit.mjs';

const percent = (value) => new Intl.NumberFormat('en-US', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

export default async function (context) {
  const { api, at, some } = await visits(context, 'sample');
  const published = (file) => JSON.parse(readFileSync(`${mart('sample')}/${file}`, 'utf8'));

  await at('the insights are those that were published', 'page=insights', async (page) => {
    const claims = published('insights.json'), list = claims.insights ?? claims;
    const text = await page.locator('main').innerText();
    same(await page.locator('.verdict').count(), list.length, 'claims');
    same(await page.locator('.verdict.supported').count(), list.filter(({ verdict }) => verdict === 'supported').length, 'supported');
    for (const { id, estimate } of list.filter(({ id, estimate }) => estimate !== null && ['concentration', 'recent_split', 'one_time_buyers', 'contactable_value'].includes(id))) that(text.includes(percent(estimate)), `${id}: ${percent(estimate)}`);
    that(text.includes(`${list.filter(({ verdict }) => verdict === 'supported').length} of ${list.length} claims`), 'the lead counts them');
  });
  await at('the insights follow a filter', `page=insights&${some}`, async (page) => {
    const { insights } = await api(`/insights?${some}`), { insights: all } = await api('/insights'), text = await page.locator('main').innerText();
    const concentration = insights.find(({ id }) => id === 'concentration'), before = all.find(({ id }) => id === 'concentration');
    that(concentration.estimate !== before.estimate, 'the filter makes a difference');
    that(text.includes(percent(concentration.estimate)), percent(concentration.estimate));
    const { frequency } = await api(`/distributions?${some}`);
    same(await page.locator('section', { has: page.getByRole('heading', { name: 'Orders', exact: true }) }).locator('rect').count(), frequency.bins.length, 'bars');
  });
  await at('the review is told as it was published', 'page=quality', async (page) => {
    const review = published('review.json'), text = await page.locator('main').innerText();
    same(await page.locator('.findings > li').count(), review.findings.length, 'findings');
    const duplicates = review.findings.find(({ check }) => check === 'duplicate_identifier').details;
    for (const value of [duplicates.ids, duplicates.rows, duplicates.surplus_rows, duplicates.groups.collision]) that(text.includes(integer(value)), `duplicates: ${value}`);
    const steps = await page.locator('[data-figure-body] tbody tr').evaluateAll((rows) => rows.map((row) => row.cells[2].innerText.replaceAll(',', '').replace('\u2212', '-')));
    same(steps.map(Number), review.waterfall.map(({ rows }, i, all) => (i === 0 || i === all.length - 1 ? rows : -rows)), 'waterfall');
    const [read, ...rest] = review.waterfall;
    same(rest.slice(0, -1).reduce((left, { rows }) => left - rows, read.rows), rest.at(-1).rows, 'and it balances');
    await page.locator('.findings summary').first().click();
    await page.getByText('Example rows').first().waitFor();
    await page.getByRole('button', { name: /^Errors/ }).click();
    same(await page.locator('.findings > li').count(), review.findings.filter(({ severity }) => severity === 'error').length, 'only errors');
  });
  await at('the report has every segment, and sorts', 'page=report', async (page) => {
    const { segments } = await api('/segments'), there = segments.filter(({ customers }) => customers);
    same(await page.locator('article').count(), there.length, 'segments');
    await page.getByRole('columnheader', { name: 'Customers' }).getByRole('button').click();
    const largest = [...there].sort((a, b) => b.customers - a.customers)[0];
    same((await page.locator('tbody tr:not(.base) th').first().innerText()).trim(), largest.segment_name, 'largest first');
  });
}
