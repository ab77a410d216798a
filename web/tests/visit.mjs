// What the suites share: a served mart, its answers, and a page opened on it.
import { execFileSync } from 'node:child_process';
import { open_page, same, settled } from './browser.mjs';
import { draw, program, root, server } from './marts.mjs';

export const integer = (value) => new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 }).format(value);
export const item = (value) => encodeURIComponent(String(value).replace(/[\\,]/g, '\\$&').replace(/^~$/, '\\~'));
export const query_of = (page) => decodeURIComponent(new URL(page.url()).search);
/** What `quintile` prints for these arguments; throws where it says no. */
export const quintile = (...args) => execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
/** Runs one of our Python helpers over JSON: another engine than ours. */
export const python = (script, input) => JSON.parse(execFileSync(`${root}/.venv/bin/python`, [new URL(script, import.meta.url).pathname], { input: JSON.stringify(input), encoding: 'utf8' }));

/** Visits to the mart called `name`. `at` opens a page, works on it, and expects a console without errors. */
export async function visits({ browser, tally }, name, previous) {
  const { base } = await server(name, previous);
  const api = async (path) => (await fetch(`${base}/api/v1${path}`)).json();
  const meta = await api('/meta');
  const go = async (page, query = '') => {
    await page.goto(`${base}/${query ? `?${query}` : ''}`);
    await settled(page);
  };
  const at = (case_name, query, work, options) =>
    tally.case(case_name, async () => {
      const page = await open_page(browser, options);
      try {
        await go(page, query);
        await work(page);
        same(page.faults, [], 'console');
      } finally {
        await page.context().close();
      }
    });
  const sized = [...(await api('/segments')).segments].sort((a, b) => b.customers - a.customers);
  const first = meta.dimensions.find(({ kind, role, values }) => kind === 'text' && role === 'attribute' && values.length > 1);
  /** A filter that some customers pass and some do not. */
  const some = first ? `${first.param}=${item(first.values[0].value)}` : 'recency_days=..100';
  const views = {
    overview: '', panel: `segment=${sized[0].segment_id}`, segment: `page=segment&segment=${sized[0].segment_id}`, customers: 'page=customers', customer: 'page=customers&customer=1', insights: 'page=insights',
    rules: `page=rules&segment=${meta.segments[0].segment_id}`, quality: 'page=quality', report: 'page=report', ...(meta.previous ? { migration: 'page=migration' } : {}),
  };
  return { base, api, meta, go, at, sized, largest: sized[0], some, views };
}

/** Filters that look random and are the same each time; `columns` is what a query over the Parquet file needs. */
export function random_filters(meta, count, seed = 7) {
  const { below } = draw(seed);
  return Array.from({ length: count }, () => {
    const parts = [], columns = [];
    for (const { name, param, kind, bands, values } of meta.dimensions) {
      if (below(3)) continue;
      const items = (bands ?? values ?? []).map(({ value }) => value).filter((value) => value !== null && below(2));
      if (!items.length) continue;
      parts.push(`${encodeURIComponent(param)}=${items.map((each) => (kind === 'text' ? item(each) : encodeURIComponent(each))).join(',')}`);
      columns.push({ column: name, kind, items: items.map(String) });
    }
    const cells = below(2) ? ['55', '54', '11'] : [];
    if (cells.length) parts.push(`cells=${cells.join(',')}`);
    return { query: parts.join('&'), columns, cells };
  });
}

// The parts of the Overview.
export const kpi = (page, i) => page.locator('.kpis dd').nth(i).evaluate((node) => node.firstChild.textContent);
export const segment_row = (page, name) => page.locator('tbody tr:not(.base)', { has: page.getByText(name, { exact: true }) }).first();
export const grid_titles = (page) => page.locator('.cells button').evaluateAll((nodes) => nodes.map((node) => node.title));
