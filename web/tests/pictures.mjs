// The pictures of the documentation, from real marts: node tests/pictures.mjs [part of a name]. `make pictures` runs it.
//
// MART (default: what `make run` publishes) is shown on every page; MOVED and PREVIOUS (default: UCI Online Retail in December and
// September, where docs/dashboard.md says) on Migration, if they are there. PICTURES names the folder they go to.
// EVERY=1 makes every page in both themes at four sizes instead, to be looked at.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { open_browser, open_page, settled } from './browser.mjs';
import { close_all, root, serve } from './marts.mjs';
import { small_png } from './png.mjs';

const every = process.env.EVERY === '1', folder = process.env.PICTURES ?? (every ? 'shots' : `${root}/docs/pictures`), only = process.argv[2] ?? '';
const moved = process.env.MOVED ?? `${root}/data/examples/online_retail/mart`, previous = process.env.PREVIOUS ?? `${root}/data/examples/online_retail/mart_september`;
mkdirSync(folder, { recursive: true });
const browser = await open_browser();
const { base } = await serve(process.env.MART ?? `${root}/data/mart`);
const orders = existsSync(moved) && existsSync(previous) ? (await serve(moved, { previous })).base : null;
const meta = await (await fetch(`${base}/api/v1/meta`)).json();
const slipping = meta.segments.find(({ family }) => family === 'slipping') ?? meta.segments[0];
const segment = `segment=${slipping.segment_id}`;
const wide = { width: 1440, height: 900 }, phone = { width: 390, height: 844 }, paper = { width: 1123, height: 794, bypassCSP: true };

async function picture(name, options, address, work = async () => {}) {
  if (!name.includes(only)) return;
  const page = await open_page(browser, options);
  await page.goto(address);
  await settled(page);
  await work(page);
  writeFileSync(`${folder}/${name}.png`, small_png([{ png: await page.screenshot() }]));
  if (page.faults.length) console.log(name, page.faults);
  console.log(`${folder}/${name}.png`);
  await page.context().close();
}
/** Opens the at-risk rule and reaches for one step of frequency less. */
async function widen(page) {
  await page.locator('.editor input[type=range]').nth(2).focus();
  await page.keyboard.press('ArrowLeft');
  await settled(page);
}
/** Opens the search and types the beginning of a value. */
async function search(page) {
  await page.keyboard.press('Control+k');
  await page.locator('dialog [role=combobox]').fill('re');
}
/** A4 across, with its margins, as it comes out of the printer. */
async function print(page) {
  await page.emulateMedia({ media: 'print', colorScheme: 'light' });
  await page.addStyleTag({ content: 'body { margin: 38px; }' });
}

async function documentation() {
  await picture('dashboard-overview', wide, `${base}/`);
  await picture('dashboard-overview-dark', { ...wide, theme: 'dark' }, `${base}/?${segment}`);
  await picture('dashboard-segment', wide, `${base}/?page=segment&${segment}`);
  await picture('dashboard-customers', wide, `${base}/?page=customers&customer=4711`);
  await picture('dashboard-search', { width: 1100, height: 640 }, `${base}/`, search);
  await picture('dashboard-insights', { width: 1440, height: 1180 }, `${base}/?page=insights`);
  await picture('dashboard-rules', wide, `${base}/?page=rules&${segment}`, widen);
  await picture('dashboard-rules-dark', { ...wide, theme: 'dark' }, `${base}/?page=rules&${segment}`, widen);
  await picture('dashboard-quality', wide, `${base}/?page=quality`);
  await picture('dashboard-report', wide, `${base}/?page=report`);
  await picture('dashboard-phone', phone, `${base}/`);
  await picture('dashboard-phone-segment', { ...phone, theme: 'dark' }, `${base}/?${segment}`);
  await picture('dashboard-print', paper, `${base}/?page=segment&${segment}`, print);
  if (orders) await picture('dashboard-migration', wide, `${orders}/?page=migration`);
  if ('dashboard-what-if'.includes(only)) await moving('dashboard-what-if');
}
/** A rule's border moves step by step, and back. */
async function moving(name) {
  const page = await open_page(browser, { width: 1100, height: 640 });
  await page.goto(`${base}/?page=rules&${segment}`);
  await settled(page);
  const frames = [], keep = async (ms) => frames.push({ png: await page.screenshot({ clip: { x: 204, y: 52, width: 896, height: 588 } }), ms });
  await keep(1400);
  for (const [slider, key] of [[2, 'ArrowLeft'], [2, 'ArrowLeft'], [1, 'ArrowRight'], [1, 'ArrowLeft'], [2, 'ArrowRight'], [2, 'ArrowRight']]) {
    await page.locator('.editor input[type=range]').nth(slider).focus();
    await page.keyboard.press(key);
    await settled(page);
    await keep(1000);
  }
  writeFileSync(`${folder}/${name}.png`, small_png(frames));
  console.log(`${folder}/${name}.png`);
  await page.context().close();
}
async function all() {
  const views = { overview: '', panel: segment, filtered: 'cells=55,54&recency_days=..90', segment: `page=segment&${segment}`, customers: 'page=customers', customer: 'page=customers&customer=5', insights: 'page=insights', rules: `page=rules&${segment}`, quality: 'page=quality', report: 'page=report', empty: 'recency_days=1000000..', malformed: 'cells=99' };
  for (const theme of ['light', 'dark'])
    for (const width of [1440, 900, 390, 320]) {
      for (const [name, query] of Object.entries(views)) await picture(`${name}-${theme}-${width}`, { theme, width, height: 900 }, `${base}/?${query}`);
      if (orders) await picture(`migration-${theme}-${width}`, { theme, width, height: 900 }, `${orders}/?page=migration`);
    }
}
await (every ? all() : documentation());
await browser.close();
close_all();
process.exit();
