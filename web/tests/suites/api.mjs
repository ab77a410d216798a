// The server's answers against openapi.yaml, and what it must refuse.
import { readFileSync } from 'node:fs';
import Ajv from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { same, that } from '../browser.mjs';
import { server } from '../marts.mjs';
import { item } from '../visit.mjs';

const document = parse(readFileSync(new URL('../../../src/quintile/dashboard/openapi.yaml', import.meta.url), 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
ajv.addSchema({ $id: 'api', components: document.components });
const schemas = new Map(Object.keys(document.components.schemas).map((name) => [name, ajv.compile({ $ref: `api#/components/schemas/${name}` })]));
function fits(name, value) {
  const schema = schemas.get(name);
  if (!schema(value)) throw new Error(`${name}: ${ajv.errorsText(schema.errors.slice(0, 4))}`);
  return value;
}

async function conforms(tally, name, previous) {
  const { base } = await server(name, previous);
  const check = (what, work) => tally.case(`${what} (${name})`, work);
  const url = (path) => `${base}/api/v1${path}`;
  const get = (path, headers = {}) => fetch(url(path), { headers });
  async function read(path, schema) {
    const response = await get(path);
    same(response.status, 200, path);
    return fits(schema, await response.json());
  }
  async function refused(path, status, code, init = {}) {
    const response = await fetch(url(path), init);
    const text = await response.text();
    same(response.status, status, `${path}: ${text.slice(0, 120)}`);
    that(response.headers.get('content-type')?.startsWith('application/problem+json'), `${path}: ${response.headers.get('content-type')}`);
    const problem = fits('Problem', JSON.parse(text));
    same(problem.status, status, 'status in the body');
    if (code) same(problem.code, code, `${path}: code`);
    return problem;
  }
  const meta = await (await get('/meta')).json();
  const first = meta.segments[0].segment_id;
  const sum = (list, key) => list.reduce((total, each) => total + Number(each[key]), 0);
  const text = meta.dimensions.find(({ kind }) => kind === 'text');
  const filters = ['', `segment=${first}`, 'cells=55,54', 'recency_days=..90', 'monetary=100..&frequency=1', meta.overlay && `${meta.overlay}=true`, text?.values[0] && `${text.param}=${item(text.values[0].value)}`, 'recency_days=1000000..'].filter((each) => typeof each === 'string');

  await check('every read fits its schema, with and without filters', async () => {
    await read('/meta', 'Meta');
    await read('/snapshot', 'Snapshot');
    await read('/quality', 'Quality');
    await read('/rules', 'Rules');
    await read('/rules/drafts', 'Drafts');
    for (const filter of filters) {
      await read(`/segments?${filter}`, 'Segments');
      await read(`/cube?${filter}`, 'Cube');
      await read(`/cube?by=segment&${filter}`, 'Cube');
      await read(`/distributions?${filter}`, 'Distributions');
      await read(`/insights?${filter}`, 'Insights');
      await read(`/audience?${filter}`, 'Audience');
      await read(`/customers?${filter}&limit=3`, 'Customers');
      if (meta.previous) await read(`/migration?${filter}`, 'Migration');
    }
    await read('/customers/1', 'CustomerDetail');
    if (text) await read(`/dimensions/${encodeURIComponent(text.name)}/values?limit=5`, 'DimensionValues');
  });
  await check('cube, segments, customers and distributions count the same people', async () => {
    for (const filter of filters) {
      const { cells } = await read(`/cube?by=segment&${filter}`, 'Cube');
      const { filtered, segments, population } = await read(`/segments?${filter}`, 'Segments');
      const { total } = await read(`/customers?${filter}&limit=1`, 'Customers');
      const { recency_days } = await read(`/distributions?${filter}`, 'Distributions');
      same([sum(cells, 'customers'), sum(segments, 'customers'), total, sum(recency_days.bins, 'customers')], Array(4).fill(filtered.customers), filter);
      same(Math.round(sum(cells, 'monetary') * 100), Math.round(Number(filtered.monetary) * 100), `${filter}: money`);
      same(population.customers, meta.customers, 'population');
      for (const { segment_id, customers } of segments) same(sum(cells.filter((cell) => cell.segment_id === segment_id), 'customers'), customers, segment_id);
    }
  });
  await check('pages follow one another without a gap', async () => {
    const seen = [];
    let after = '';
    for (let i = 0; i < 4; i++) {
      const page = await read(`/customers?limit=7&sort=-frequency${after && `&after=${encodeURIComponent(after)}`}`, 'Customers');
      same(page.first, seen.length, 'first');
      seen.push(...page.customers);
      if (!page.next) break;
      after = page.next;
    }
    same(new Set(seen.map(({ customer_id }) => customer_id)).size, seen.length, 'each once');
    const key = ({ frequency, customer_id }) => [-frequency, customer_id];
    same(seen.map(key), seen.map(key).sort((a, b) => a[0] - b[0] || a[1] - b[1]), 'order');
  });
  await check('an answer is remembered by its tag', async () => {
    for (const path of ['/meta', '/cube?by=segment', `/segments?segment=${first}`]) {
      const one = await get(path), tag = one.headers.get('etag');
      that(tag, `${path}: no ETag`);
      that(one.headers.get('quintile-snapshot'), `${path}: no snapshot`);
      same((await get(path, { 'If-None-Match': tag })).status, 304, path);
      that((await get(`${path}${path.includes('?') ? '&' : '?'}recency_days=..5`.replace('/meta?recency_days=..5', '/cube')).then((other) => other.headers.get('etag'))) !== tag, 'another query, another tag');
    }
  });
  await check('what is wrong is refused in problem JSON', async () => {
    for (const query of ['nonsense=1', `cells=${meta.bins.r_score + 1}-1`, 'cells=0-1', 'cells=5-', 'segment=nobody', 'recency_days=5..1', 'recency_days=abc', 'recency_days=', 'recency_days=..', 'cells=55&cells=54', 'frequency=1e400', '%00=1', 'recency_days=%ff'])
      that((await refused(`/cube?${query}`, 400, 'bad_filter')).parameter !== '', query);
    await refused('/customers?sort=name', 400);
    await refused('/customers?limit=0', 400);
    await refused('/customers?limit=many', 400);
    await refused('/customers?after=nonsense', 400, 'bad_cursor');
    await refused('/customers/999999999', 404, 'not_found');
    await refused('/customers/abc', 404);
    await refused('/nothing', 404, 'not_found');
    await refused('/dimensions/nonsense/values', 404, 'not_found');
    await refused('/meta', 405, 'method_not_allowed', { method: 'DELETE' });
    await refused('/rules/preview', 415, 'not_json', { method: 'POST', body: 'rules' });
    await refused('/rules/preview', 400, undefined, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"rules":' });
    await refused('/rules/preview', 413, 'too_large', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: `{"x":"${'x'.repeat(300_000)}"}` });
    await refused('/rules/preview', 403, 'cross_site', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Sec-Fetch-Site': 'cross-site' }, body: '{}' });
    if (!meta.previous) await refused('/migration', 404, 'no_previous_mart');
  });
  await check('a draft is previewed exactly', async () => {
    const { rules } = await read('/rules', 'Rules');
    const post = (body) => ({ method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
    const same_rules = fits('Preview', await (await fetch(url('/rules/preview'), post({ rules }))).json());
    same(same_rules.movers.customers, 0, 'the present rules move nobody');
    const swapped = { ...rules, segments: [rules.segments[1], rules.segments[0], ...rules.segments.slice(2)] };
    const preview = fits('Preview', await (await fetch(url('/rules/preview'), post({ rules: swapped }))).json());
    same(sum(preview.segments, 'customers'), meta.customers, 'everyone is somewhere');
    same(sum(preview.flows, 'customers'), preview.movers.customers, 'flows are the movers');
    const bad = await refused('/rules/preview', 422, 'bad_rules', post({ rules: { ...rules, segments: [{ ...rules.segments[0], when: 'r_score >=' }, ...rules.segments.slice(1)] } }));
    that(bad.errors.length > 0, 'errors');
    await refused('/rules/preview', 422, 'bad_rules', post({ rules: { ...rules, segments: [{ ...rules.segments[0], when: 'nonsense > 1' }, ...rules.segments.slice(1)] } }));
  });
  await check('exports are whole, dated and safe', async () => {
    for (const filter of filters) {
      const audience = await read(`/audience?${filter}`, 'Audience');
      for (const [file, rows] of [['customers', audience.customers], ['audience', audience.contactable], ['segments', meta.segments.length]]) {
        const response = await get(`/export/${file}.csv?${filter}`);
        same(response.status, 200, file);
        that(response.headers.get('content-disposition')?.startsWith('attachment'), 'attachment');
        const bytes = new Uint8Array(await response.arrayBuffer());
        same([...bytes.subarray(0, 3)], [0xef, 0xbb, 0xbf], 'byte order mark');
        const lines = new TextDecoder().decode(bytes).split('\r\n');
        if (lines.every((line) => !line.includes('"'))) same(lines.length - 2, rows, `${file} under ${filter}`);
        for (const column of ['analysis_date', 'rules_digest', 'filters']) that(lines[0].includes(column), `${file}: ${column}`);
      }
    }
    that((await (await get('/export/segments.csv?separator=semicolon')).text()).split('\r\n')[0].includes(';'), 'semicolon');
    that((await (await get('/rules.yaml')).text()).includes('segments:'), 'rules.yaml');
  });
  await check('the page is served with its policy', async () => {
    const page = await fetch(base), policy = page.headers.get('content-security-policy') ?? '';
    for (const part of ["default-src 'none'", "script-src 'self' 'sha256-", "style-src 'self'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) that(policy.includes(part), `${part} in ${policy}`);
    that(!/unsafe-eval|script-src[^;]*unsafe-inline/.test(policy), 'no exceptions for scripts');
    const asset = /\/assets\/[\w.-]+\.js/.exec(await page.text())[0];
    that((await fetch(base + asset)).headers.get('cache-control').includes('immutable'), 'assets are immutable');
    same(page.headers.get('x-content-type-options'), 'nosniff', 'nosniff');
  });
}

export default async function ({ tally }) {
  await conforms(tally, 'sample');
  await conforms(tally, 'orders', 'orders_before');
  await conforms(tally, 'ten');
}
