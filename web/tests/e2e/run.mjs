// What a user does, in Debian's Chromium, against BASE_URL or the stand-in: node tests/e2e/run.mjs [part of a name]
import { readFileSync } from 'node:fs';
import { open_browser, open_page, open_server, same, settled, stand_in, Tally, that } from '../browser.mjs';

const tally = new Tally();
const server = await open_server(['--customers', '20000', '--previous']);
const browser = await open_browser();
const api = async (path) => (await fetch(`${server.base}/api/v1${path}`)).json();
const meta = await api('/meta');
const text_dimension = meta.dimensions.find(({ kind, values }) => kind === 'text' && values.length > 1);
const some = text_dimension ? `${text_dimension.param}=${encodeURIComponent(text_dimension.values[0].value.replace(/[\\,]/g, '\\$&'))}` : `${meta.dimensions[0]?.param ?? 'recency_days'}=0..`;
const integer = (value) => new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value);
const by_size = [...(await api('/segments')).segments].sort((a, b) => b.customers - a.customers);
const largest = by_size[0];

async function visit(query = '', options = {}) {
  const page = await open_page(browser, options);
  await page.goto(`${server.base}/${query ? `?${query}` : ''}`);
  await settled(page);
  return page;
}
const query_of = (page) => decodeURIComponent(new URL(page.url()).search);
/** Opens a page, works on it, and expects a console without errors. */
const at = (name, query, work, options) =>
  tally.case(name, async () => {
    const page = await visit(query, options);
    try {
      await work(page);
      same(page.faults, [], 'console');
    } finally {
      await page.context().close();
    }
  });
const row = (page, id) => page.locator('tbody tr:not(.base)', { has: page.getByText(meta.segments.find((segment) => segment.segment_id === id).segment_name, { exact: true }) }).first();
const kpi = (page, i) => page.locator('.kpis dd').nth(i).evaluate((node) => node.firstChild.textContent);

await at('the overview shows the numbers of the API', '', async (page) => {
  const { population, segments } = await api('/segments');
  same(await kpi(page, 0), integer(population.customers), 'customers');
  same(await page.locator('.tile').count(), segments.filter(({ customers }) => customers).length, 'tiles');
  same(await page.locator('tbody tr:not(.base)').count(), segments.length, 'rows');
  const cells = (await api('/cube')).cells;
  const per_cell = new Map();
  for (const { r_score, f_score, customers } of cells) per_cell.set(`${r_score}-${f_score}`, (per_cell.get(`${r_score}-${f_score}`) ?? 0) + customers);
  const r = meta.bins.r_score, titles = await page.locator('.cells button').evaluateAll((nodes) => nodes.map((node) => node.title));
  that(titles[0].includes(integer(per_cell.get(`${r}-1`) ?? 0)), `first cell: ${titles[0]}`);
  same(titles.length, meta.bins.r_score * meta.bins.f_score, 'grid cells');
});

await at('random filters show what the API and the cube say', '', async (page) => {
  let seed = 7;
  const random = (n) => ((seed = (seed * 1103515245 + 12345) % 2147483648), seed % n);
  for (let round = 0; round < 6; round++) {
    const parts = [];
    for (const dimension of meta.dimensions) {
      if (random(3)) continue;
      const items = (dimension.bands ?? dimension.values ?? []).map(({ value }) => String(value).replace(/[\\,]/g, '\\$&')).filter(() => random(2));
      if (items.length) parts.push(`${encodeURIComponent(dimension.param)}=${items.map(encodeURIComponent).join(',')}`);
    }
    if (random(2)) parts.push('cells=55,54,11');
    const query = parts.join('&');
    const answer = await api(`/segments?${query}`);
    await page.goto(`${server.base}/?${query}&table=value`);
    await settled(page);
    if (!answer.filtered.customers) {
      that(await page.getByText('No customers match these filters').isVisible(), `empty: ${query}`);
      continue;
    }
    same(await kpi(page, 0), integer(answer.filtered.customers), `customers under ${query}`);
    for (const segment of answer.segments.filter(({ customers }) => customers).slice(0, 5)) {
      const shown = await row(page, segment.segment_id).locator('td.kpi').first().innerText();
      same(shown, new Intl.NumberFormat('en-US', { style: 'currency', currency: meta.currency, maximumFractionDigits: 0 }).format(segment.mean_monetary), `mean of ${segment.segment_id} under ${query}`);
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
  const titles = () => page.locator('.cells button').evaluateAll((nodes) => nodes.map((node) => node.title));
  const tiles = await page.locator('.tile').count(), before = await titles();
  await page.locator('.cells button').first().click();
  await settled(page);
  same(await titles(), before, 'the grid keeps its numbers');
  await page.locator('.cells button').nth(1).click({ modifiers: ['Shift'] });
  that(/cells=51,52/.test(query_of(page)) || meta.bins.r_score !== 5, query_of(page));
  await page.goto(server.base);
  await settled(page);
  await page.locator('.tile').first().click();
  await settled(page);
  same(await page.locator('.tile').count(), tiles, 'the treemap keeps its tiles');
  that(JSON.stringify(await titles()) !== JSON.stringify(before), 'the grid follows the segment');
});

await at('deltas are against all customers whatever the filter', `${some}`, async (page) => {
  const { segments } = await api(`/segments?${some}`);
  const one = segments.filter(({ customers }) => customers > 0)[0];
  const shown = await row(page, one.segment_id).locator('td.kpi').first().innerText();
  const expected = new Intl.NumberFormat('en-US', { style: 'percent', maximumFractionDigits: 0, signDisplay: 'exceptZero' }).format(one.kpi_deltas.mean_monetary.relative).replace('-', '−');
  same(shown, expected, one.segment_id);
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

await at('a malformed link loses its bad part and says so', 'cells=99&nonsense=1&page=overview&metric=monetary', async (page) => {
  that(await page.getByText('were not understood').isVisible(), 'the notice');
  same(query_of(page), '?metric=monetary', 'the rest stays');
});

await at('filters that match nobody show a way out', 'recency_days=1000000..', async (page) => {
  that(await page.getByText('No customers match these filters').isVisible(), 'the empty state');
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.waitForSelector('.tile');
});

await at('customers page through, search and explain', 'page=customers', async (page) => {
  const { customers, total } = await api('/customers?sort=-monetary&limit=50');
  same(await page.locator('tbody tr').count(), Math.min(50, customers.length), 'rows');
  if (total > 50) {
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText(`51–${integer(Math.min(100, total))} of ${integer(total)}`).waitFor();
    await page.goBack();
    await page.getByText(`1–50 of ${integer(total)}`).waitFor();
  }
  const id = customers[0].customer_id;
  await page.keyboard.press('/');
  await page.keyboard.type(customers[0].source_customer_id);
  await page.waitForFunction((id) => location.search.includes(id), customers[0].source_customer_id);
  await page.locator(`[data-customer="${id}"]`).click();
  const detail = await api(`/customers/${id}`);
  const aside = page.locator('aside');
  await aside.getByText('Why this segment').waitFor();
  same(await aside.locator('.rules li').count(), detail.rules.findIndex(({ matched }) => matched === true) + 1, 'rules up to the one that fired');
  same(await aside.locator('.misses li').count(), Math.max(1, detail.near_misses.length), 'near misses');
  await page.keyboard.press('Escape');
  await aside.waitFor({ state: 'detached' });
  that(await page.evaluate((id) => document.activeElement.dataset.customer === String(id), id), 'focus is on the row');
});

await at('the rule editor shows movers at once, and the server agrees', 'page=rules', async (page) => {
  const { rules } = await api('/rules');
  const at = rules.segments.findIndex(({ when }) => /^r_score (<=|>=|=) \d( and [fm]_score (<=|>=) \d)*$/.test(when ?? ''));
  if (at < 0) return;
  const id = rules.segments[at].id;
  await page.locator('ol > li .name').nth(at).click();
  const slider = page.locator('.editor input[type=range]').first();
  await slider.focus();
  await page.keyboard.press(rules.segments[at].when.startsWith('r_score >=') ? 'ArrowLeft' : 'ArrowRight');
  if (rules.segments[at].when.startsWith('r_score <=')) {
    await page.locator('.editor input[type=range]').nth(1).focus();
    await page.keyboard.press('ArrowRight');
  }
  const when = await page.locator('.editor textarea').inputValue();
  that(when !== rules.segments[at].when, 'the condition follows the slider');
  const draft = { ...rules, segments: rules.segments.map((rule) => (rule.id === id ? { ...rule, when } : rule)) };
  const preview = await (await fetch(`${server.base}/api/v1/rules/preview`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ rules: draft }) })).json();
  const shown = await page.locator('ol > li .customers').allInnerTexts();
  same(shown, draft.segments.map(({ id }) => integer(preview.segments.find(({ segment_id }) => segment_id === id)?.customers ?? 0)), 'sizes');
  that((await page.locator('.head p').innerText()).startsWith(integer(preview.movers.customers)), 'movers');
  await page.locator('ol > li .order button').nth(1).click();
  await page.getByRole('button', { name: 'Reset' }).click();
  that(await page.getByText('Move a rule or its borders').isVisible(), 'reset');
});

await at('a faulty condition is told, a free one goes to the server', 'page=rules', async (page) => {
  await page.locator('ol > li .name').first().click();
  const text = page.locator('.editor textarea');
  const whole = await text.inputValue();
  await text.fill('r_score >=');
  that(await page.locator('.editor [role=alert]').isVisible(), 'the fault');
  await text.fill('nonsense > 1');
  that((await page.locator('.editor [role=alert]').innerText()).includes('nonsense'), 'the unknown field');
  await text.fill(`${whole} and recency_days >= 0`);
  await page.waitForTimeout(500);
  same(await page.locator('.editor [role=alert]').count(), 0, 'no fault');
});

if (meta.drafts)
  await at('a draft is saved and opened from its link', 'page=rules', async (page) => {
    await page.locator('ol > li .order button').nth(1).click();
    const order = await page.locator('ol > li .name').allInnerTexts();
    await page.getByRole('button', { name: 'Save draft' }).click();
    await page.getByLabel('Name of the draft').fill('Browser test');
    await page.locator('form button.primary').click();
    await page.waitForFunction(() => location.search.includes('draft=browser-test'));
    await page.reload();
    await settled(page);
    await page.waitForFunction((first) => document.querySelector('ol > li .name').innerText.trim() === first, order[0].trim());
    const yaml = await (await fetch(`${server.base}/api/v1/rules/drafts/browser-test.yaml`)).text();
    that(yaml.includes('segments:') && yaml.includes('when:'), yaml.slice(0, 80));
  });

await at('exports carry the filter and are complete', `${some}&segment=${encodeURIComponent(largest.segment_id)}`, async (page) => {
  const query = `${some}&segment=${encodeURIComponent(largest.segment_id)}`;
  const audience = await api(`/audience?${query}`);
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.menu a').nth(1).click()]);
  const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n');
  same(lines.length - 1, audience.customers, 'one row a customer');
  that(lines[0].startsWith('\ufeff'), 'a byte order mark');
  that(lines[0].includes('analysis_date') && lines[1].includes(meta.snapshot.analysis_date), 'the analysis date');
  that(lines[1].includes(largest.segment_id), 'the filter');
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  await page.getByRole('button', { name: 'Audience…' }).click();
  await page.getByText(`${integer(audience.contactable)} customer`).waitFor();
  const [list] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download CSV' }).click()]);
  same(readFileSync(await list.path(), 'utf8').trimEnd().split('\r\n').length - 1, audience.contactable, 'only those with consent');
});

await at('figures are saved as SVG and PNG', '', async (page) => {
  for (const kind of ['SVG', 'PNG']) {
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: new RegExp(`as ${kind}$`) }).first().click()]);
    const bytes = readFileSync(await file.path());
    if (kind === 'SVG') {
      const text = bytes.toString('utf8');
      that(text.startsWith('<svg') && text.includes(meta.segments[0].segment_name.slice(0, 5)) && text.includes(meta.snapshot.rules_digest.slice(0, 12)), 'title, names and digest are in the picture');
      same(await page.evaluate((text) => new DOMParser().parseFromString(text, 'image/svg+xml').querySelectorAll('parsererror').length, text.replace(/<style>.*?<\/style>/, '')), 0, 'well-formed');
    } else that(bytes.length > 10_000 && bytes.subarray(1, 4).toString() === 'PNG', 'a picture');
  }
});

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

for (const [name, query] of Object.entries({ overview: '', panel: `segment=${encodeURIComponent(largest.segment_id)}`, segment: `page=segment&segment=${encodeURIComponent(largest.segment_id)}`, customers: 'page=customers', customer: 'page=customers&customer=1', insights: 'page=insights', rules: `page=rules&segment=${encodeURIComponent(largest.segment_id)}`, quality: 'page=quality', report: 'page=report', ...(meta.previous ? { migration: 'page=migration' } : {}) }))
  await at(`${name} fits 320 px`, query, async (page) => {
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    that(wide <= 0, `${wide} px too wide`);
  }, { width: 320, height: 640 });

await at('a server that is down is told, and coming back is enough', '', async (page) => {
  await page.route('**/api/v1/segments**', (route) => route.abort());
  await page.route('**/api/v1/cube**', (route) => route.abort());
  await page.goto(`${server.base}/?${some}`);
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
  await page.goto(`${server.base}/?${some}`);
  await page.getByText('<b>Loading</b> the mart').waitFor();
  that((await page.locator('.tile').count()) > 0, 'the treemap is there');
  page.faults.length = 0;
});

await at('a slow answer shows the outline of the page', '', async (page) => {
  await page.route('**/api/v1/cube**', async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 900));
    await route.continue().catch(() => {});
  });
  await page.goto(`${server.base}/?${some}&cells=55`, { waitUntil: 'commit' });
  await page.waitForSelector('#main [aria-busy=true]');
  await page.waitForSelector('.tile');
});

await at('a newer mart is offered, and nothing is mixed', '', async (page) => {
  const before = await kpi(page, 0);
  const change = async (route) => {
    const response = await route.fetch();
    const snapshot_id = 'another';
    const body = route.request().url().includes('/snapshot') ? JSON.stringify({ snapshot_id, analysis_date: '2024-01-31' }) : await response.text();
    await route.fulfill({ response, body, headers: { ...response.headers(), 'quintile-snapshot': snapshot_id } });
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

await at('the report prints on paper', 'page=report', async (page) => {
  const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true, tagged: true });
  const pages = (pdf.toString('latin1').match(/\/Type\s*\/Page[^s]/g) ?? []).length;
  that(pages >= 3 && pages <= 60, `${pages} pages`);
  that(pdf.toString('latin1').includes('/StructTreeRoot'), 'tagged');
});

if (stand_in) {
  for (const variant of ['hostile', 'bare', 'one', 'ten'])
    await tally.case(`a ${variant} mart is shown`, async () => {
      const other = await open_server(['--variant', variant, '--customers', '3000'], true);
      const page = await open_page(browser);
      try {
        for (const query of ['', '?page=customers&customer=1', '?page=insights', '?page=rules', '?page=quality', '?page=report', '?cells=55&metric=monetary']) {
          await page.goto(`${other.base}/${query}`);
          await settled(page);
          that((await page.locator('[role=alert]').count()) === 0, `${query}: ${await page.locator('[role=alert]').allInnerTexts()}`);
          same(await page.evaluate(() => [window.hacked, document.querySelectorAll('main img, main script').length]), [null, 0].map((each) => each ?? undefined), `${query} markup`);
        }
        same(page.faults, [], 'console');
      } finally {
        await page.context().close();
        other.close();
      }
    });
}

await browser.close();
server.close();
tally.end();
