// What the first view may weigh. Weights, counts and layout shift are gates; times are told, never judged: they are the machine's.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { open_page, same, settled, that } from '../browser.mjs';
import { visits } from '../visit.mjs';

const kilobyte = 1000;
const limits = { script_gz: 60 * kilobyte, style_gz: 12 * kilobyte, chunk_gz: 25 * kilobyte, first_load: 150 * 1024, requests: 8, nodes: 1500, shift: 0.05 };
const paints = 7, clicks = 30;
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const gz = (file) => gzipSync(readFileSync(`dist/assets/${file}`), { level: 9 }).length;

export default async function (context) {
  const { browser, tally } = context, { base, go, meta } = await visits(context, 'sample');
  const told = [];
  function gate(name, value, limit, unit = '') {
    told.push([name, `${Math.round(value * 1000) / 1000}${unit}`, `limit ${limit}${unit}`]);
    that(value <= limit, `${name}: ${value}${unit} of ${limit}${unit}`);
  }
  const tell = (name, value) => told.push([name, `${Math.round(value)} ms`, 'told']);
  const html = readFileSync('dist/index.html', 'utf8'), files = readdirSync('dist/assets').filter((file) => !file.endsWith('.br'));
  const first = files.filter((file) => html.includes(`/assets/${file}`));

  await tally.case('the program carries the page that was built', async () => {
    same(await (await fetch(base)).text(), html, 'index.html');
    for (const file of files) same((await fetch(`${base}/assets/${file}`)).status, 200, file);
  });
  await tally.case('script and style of the first load', async () => {
    gate('JavaScript at first load, gz', first.filter((file) => file.endsWith('.js')).reduce((sum, file) => sum + gz(file), 0), limits.script_gz, ' B');
    gate('CSS at first load, gz', first.filter((file) => file.endsWith('.css')).reduce((sum, file) => sum + gz(file), 0), limits.style_gz, ' B');
  });
  await tally.case('every chunk that is loaded later', async () => {
    const later = files.filter((file) => /\.(js|css)$/.test(file) && !first.includes(file));
    that(later.length > 7, 'pages are chunks of their own');
    gate('largest later chunk, gz', Math.max(...later.map(gz)), limits.chunk_gz, ' B');
  });
  await tally.case('weight, requests and nodes of Overview', async () => {
    const page = await open_page(browser), session = await page.context().newCDPSession(page);
    await session.send('Network.enable');
    let bytes = 0, requests = 0;
    session.on('Network.requestWillBeSent', ({ request }) => (requests += request.url.startsWith('http') ? 1 : 0));
    session.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength));
    await go(page);
    gate('first load in all', bytes, limits.first_load, ' B');
    gate('requests at first load', requests, limits.requests);
    gate('DOM nodes on Overview', await page.evaluate(() => document.querySelectorAll('*').length), limits.nodes);
    await page.context().close();
  });
  await tally.case('layout shift of cold loads', async () => {
    const seen = [];
    for (let i = 0; i < paints; i++) {
      const page = await open_page(browser);
      await go(page);
      seen.push(await page.evaluate(() => new Promise((resolve) => {
        const seen = { shift: 0, largest: 0, first: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0 };
        new PerformanceObserver((list) => list.getEntries().forEach((entry) => (seen.shift += entry.hadRecentInput ? 0 : entry.value))).observe({ type: 'layout-shift', buffered: true });
        new PerformanceObserver((list) => {
          seen.largest = list.getEntries().at(-1).startTime;
          resolve(seen);
        }).observe({ type: 'largest-contentful-paint', buffered: true });
      })));
      await page.context().close();
    }
    gate('layout shift, median of 7 cold loads', median(seen.map(({ shift }) => shift)), limits.shift);
    tell('first contentful paint, median of 7', median(seen.map(({ first }) => first)));
    tell('largest contentful paint, median of 7', median(seen.map(({ largest }) => largest)));
  });
  await tally.case('clicks are answered', async () => {
    const page = await open_page(browser);
    for (const [name, query, selector] of [['grid cell', '', '.cells button'], ['select a segment', '', '.tile'], ['sort the table', '', 'thead button'], ['move a rule', `page=rules&segment=${meta.segments[0].segment_id}`, '.order button:not(:disabled)']]) {
      await go(page, query);
      const times = await page.evaluate(async ([selector, clicks]) => {
        const times = [];
        for (let i = 0; i < clicks; i++) {
          const nodes = document.querySelectorAll(selector), begin = performance.now();
          nodes[(i * 7) % nodes.length].click();
          await new Promise((resolve) => requestAnimationFrame(() => {
            const channel = new MessageChannel();
            channel.port1.onmessage = resolve;
            channel.port2.postMessage(0);
          }));
          times.push(performance.now() - begin);
        }
        return times.sort((a, b) => a - b);
      }, [selector, clicks]);
      tell(`${name}: click to paint, p95 of ${clicks}`, times[Math.floor(times.length * 0.95)]);
    }
    await settled(page);
    same(page.faults, [], 'console');
    await page.context().close();
  });
  for (const [name, value, limit] of told) console.log(`      ${name.padEnd(42)} ${value.padStart(12)}   ${limit}`);
}
