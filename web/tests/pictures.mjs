// Pictures of every page in both themes and two sizes from a real mart: node tests/pictures.mjs [part of a name]
//
// MART and PREVIOUS name the marts (default: what `make run` publishes), PICTURES the folder they go to (default: shots), FULL=1 whole pages.
import { mkdirSync } from 'node:fs';
import { open_browser, open_page, settled } from './browser.mjs';
import { close_all, root, serve } from './marts.mjs';

const folder = process.env.PICTURES ?? 'shots', only = process.argv[2];
mkdirSync(folder, { recursive: true });
const { base } = await serve(process.env.MART ?? `${root}/data/mart`, { previous: process.env.PREVIOUS });
const browser = await open_browser();
const meta = await (await fetch(`${base}/api/v1/meta`)).json();
const slipping = meta.segments.find(({ family }) => family === 'slipping') ?? meta.segments[0];
const segment = `segment=${encodeURIComponent(slipping.segment_id)}`;
const first = meta.dimensions.find(({ kind }) => kind === 'text');
const filter = first?.values?.[0] ? `${first.param}=${encodeURIComponent(first.values[0].value)}` : '';
const views = {
  overview: '/', 'overview-panel': `/?${segment}`, 'overview-filtered': `/?${filter}&cells=55,54`, segment: `/?page=segment&${segment}`, customers: '/?page=customers', customer: '/?page=customers&customer=5',
  insights: '/?page=insights', 'insights-filtered': `/?page=insights&${filter}`, rules: `/?page=rules&${segment}`, quality: '/?page=quality', report: '/?page=report', ...(meta.previous ? { migration: '/?page=migration' } : {}),
};
const sizes = { wide: [1440, 900], phone: [390, 844] };
for (const theme of ['light', 'dark'])
  for (const [size, [width, height]] of Object.entries(sizes)) {
    const page = await open_page(browser, { theme, width, height, deviceScaleFactor: 1 });
    for (const [name, path] of Object.entries(views)) {
      const file = `${name}-${theme}${size === 'wide' ? '' : `-${size}`}.png`;
      if (only && !file.includes(only)) continue;
      await page.goto(base + path);
      await settled(page);
      await page.screenshot({ path: `${folder}/${file}`, fullPage: process.env.FULL === '1' });
    }
    if (page.faults.length) console.log(theme, size, [...new Set(page.faults)].slice(0, 5));
    await page.context().close();
  }
await browser.close();
close_all();
process.exit();
