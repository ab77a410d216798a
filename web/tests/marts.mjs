// The marts that the page's tests read: made by the program under test, from files made here, the same on every machine.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** QUINTILE names the program; else the development build, else the release. */
export const program = [process.env.QUINTILE && resolve(process.env.QUINTILE), `${root}/build/dev/bin/quintile`, `${root}/build/release/bin/quintile`].find((path) => path && existsSync(path));

/** Numbers that look random and never change. */
export function draw(seed) {
  let state = seed;
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  return { next, below: (n) => Math.floor(next() * n), pick: (list) => list[Math.floor(next() * list.length)] };
}
const day = (from, back) => new Date(Date.parse(from) - back * 86_400_000).toISOString().slice(0, 10);
const cell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value));
const csv = (rows) => rows.map((row) => row.map(cell).join(',')).join('\n') + '\n';
const segment = (id, name, family, when, words = {}) => ({ id, name, family, ...(when ? { when } : { otherwise: true }), ...words });
/** JSON is YAML. */
const yaml = (value) => JSON.stringify(value, null, 1);

const shops = { version: 1, name: 'Five', segments: [
  segment('best', 'Best', 'core', 'r_score >= 4 and f_score >= 4'),
  segment('loyal', 'Loyal', 'core', 'f_score >= 4 and r_score = 3'),
  segment('new', 'New', 'growing', 'r_score >= 4'),
  segment('slipping', 'Slipping away', 'slipping', 'f_score >= 3'),
  segment('others', 'Others', 'dormant', null),
] };
/** A shop's order lines over a year and a half: some buyers stay, some stop, some arrive late. */
function order_lines() {
  const { next, below, pick } = draw(11), rows = [['CustomerID', 'InvoiceNo', 'InvoiceDate', 'Quantity', 'UnitPrice', 'Country']];
  const countries = ['United Kingdom', 'Germany', 'France', 'Spain', 'Norway', 'Japan'];
  let invoice = 536365;
  for (let customer = 12346; customer < 13246; customer++) {
    const country = next() < 0.6 ? countries[0] : pick(countries), orders = 1 + Math.floor(-Math.log(1 - next()) * 3), end = below(300), span = 30 + below(240);
    for (let i = 0; i < orders; i++) {
      const date = day('2011-12-09', Math.min(520, end + below(span))), cancelled = next() < 0.03, lines = 1 + below(4);
      invoice++;
      for (let line = 0; line < lines; line++) rows.push([customer, `${cancelled ? 'C' : ''}${invoice}`, `${date} ${String(8 + below(10)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}`, (1 + below(24)) * (cancelled ? -1 : 1), (0.5 + below(1500) / 100).toFixed(2), country]);
    }
  }
  return rows;
}

const script = '<script>window.hacked=1</script>', image = '<img src=x onerror="window.hacked=1">';
/** Two hundred segments whose names, ids and texts would like to be markup, and attributes that would like to be more. */
const hostile_rules = { version: 1, name: `${image} rules`, segments: [
  segment('markup', `${script}${image}`, 'core', 'r_score = 5 and f_score = 5', { description: `<b>bold</b> ${image}`, actions: [`<a href="javascript:alert(1)">act</a>`, '${7*7} {{7*7}}'], watchouts: [image, '\u202Ereversed'] }),
  segment('long', `Unbreakable${'x'.repeat(180)}`, 'growing', 'r_score = 5 and f_score = 4'),
  segment('blank', '\u00a0\u200b.', 'slipping', 'r_score = 5 and f_score = 3'),
  ...Array.from({ length: 196 }, (_, i) => segment(`s${i}`, `Segment ${i} <i>${i}</i>`, ['core', 'growing', 'slipping', 'dormant'][i % 4], `r_score <= 4 and monetary between ${i * 5} and ${i * 5 + 4.99}`)),
  segment('rest', 'Rest & "others"', 'dormant', null),
] };
const odd = [script, image, 'a,b', '~', 'x&y=z', '"', '=1+1', '@SUM(A1)', '../../etc/passwd', 'é🙂', "O'Hara", '\\'];

/** A customer file of our own: `with` says which columns beside the figures, and what stands in them. */
function customers(count, columns) {
  const { next, below } = draw(5), names = Object.keys(columns), rows = [['id', 'first', 'last', 'spent', 'orders', ...names]];
  for (let i = 0; i < count; i++) {
    const orders = 1 + Math.floor(-Math.log(1 - next()) * 4), recency = below(600), last = day('2023-11-14', recency);
    rows.push([`c${i}`, day(last, orders * 20), last, (orders * (5 + below(9000) / 100)).toFixed(2), orders, ...names.map((name) => columns[name](i))]);
  }
  return rows;
}
const own_columns = { customer_id: 'id', first_purchase_date: 'first', last_purchase_date: 'last', monetary: 'spent', frequency: 'orders' };
const scoring = (bins) => Object.fromEntries(['recency', 'frequency', 'monetary'].map((name) => [name, { method: 'quantile', bins }]));

/** Each mart: a folder with its plan, rules and input. */
const marts = {
  /** Like the default run, smaller, with planted faults. */
  sample(folder) {
    execFileSync(program, ['generate', '--customers', '5000', '--seed', '7', '--dirt', 'realistic', '--out', `${folder}/customers.csv`, '--quiet'], { stdio: 'pipe' });
    return { from: `${root}/configs/default.yaml`, set: { 'input.path': `${folder}/customers.csv` } };
  },
  /** Order lines in pounds; no consent, no overlay, one attribute. */
  orders(folder, analysis_date = '2011-12-10') {
    writeFileSync(`${folder}/lines.csv`, csv(order_lines()));
    return { rules: shops, plan: {
      input: { path: 'lines.csv', grain: 'transaction', currency: 'GBP', columns: { customer_id: 'CustomerID', order_id: 'InvoiceNo', order_date: 'InvoiceDate', quantity: 'Quantity', unit_price: 'UnitPrice' }, attributes: ['Country'], keep: 'not starts_with(order_id, "C") and quantity > 0' },
      analysis_date,
    } };
  },
  /** The same lines a quarter earlier. */
  orders_before: (folder) => marts.orders(folder, '2011-09-10'),
  hostile(folder) {
    writeFileSync(`${folder}/customers.csv`, csv(customers(3000, { 'city<b>': (i) => odd[i % odd.length], '=note': (i) => odd[(i * 5) % odd.length], 'constructor': (i) => i % 7, premium: (i) => i % 3 === 0, consent: (i) => i % 2 === 0 })));
    return { rules: hostile_rules, plan: { input: { path: 'customers.csv', grain: 'customer', currency: 'EUR', columns: own_columns, attributes: ['city<b>', '=note', 'constructor'], overlay: 'premium', consent: 'consent' }, analysis_date: '2023-11-15' } };
  },
  /** Nothing but the figures. */
  bare(folder) {
    writeFileSync(`${folder}/customers.csv`, csv(customers(400, {})));
    return { rules: shops, plan: { input: { path: 'customers.csv', grain: 'customer', currency: 'JPY', columns: own_columns }, analysis_date: '2023-11-15' } };
  },
  one(folder) {
    writeFileSync(`${folder}/customers.csv`, csv(customers(1, { city: () => 'Bath' })));
    return { rules: shops, plan: { input: { path: 'customers.csv', grain: 'customer', currency: 'USD', columns: own_columns, attributes: ['city'] }, analysis_date: '2023-11-15' } };
  },
  ten(folder) {
    writeFileSync(`${folder}/customers.csv`, csv(customers(2000, { city: (i) => ['Bath', 'York'][i % 2] })));
    return { rules: shops, plan: { input: { path: 'customers.csv', grain: 'customer', currency: 'USD', columns: own_columns, attributes: ['city'] }, analysis_date: '2023-11-15', scoring: scoring(10) } };
  },
};

/** Published again while it is served. */
marts.live = marts.bare;

let scratch;
const made = new Map(), running = [];
function run(plan, set) {
  execFileSync(program, ['run', plan, '--quiet', ...Object.entries(set).flatMap(([key, value]) => ['--set', `${key}=${value}`])], { stdio: 'pipe', encoding: 'utf8' });
}
/** Publishes a mart that is there once more, with other values in its plan. */
export const publish = (name, set) => run(join(scratch, name, 'plan.yaml'), set);
/** The folder of a mart, made when it is first asked for. */
export function mart(name) {
  if (made.has(name)) return made.get(name);
  if (!program) throw new Error('No quintile: build it (make test does), or name one in QUINTILE.');
  scratch ??= mkdtempSync(join(tmpdir(), 'quintile-web-'));
  const folder = join(scratch, name);
  mkdirSync(folder);
  const { from, plan, rules, set = {} } = marts[name](folder);
  if (plan) {
    writeFileSync(`${folder}/rules.yaml`, yaml(rules));
    writeFileSync(`${folder}/plan.yaml`, yaml({ version: 1, ...plan, segments: 'rules.yaml', output: { mart: 'mart', report: 'report' } }));
  } else Object.assign(set, { 'output.mart': `${folder}/mart`, 'output.report': `${folder}/report` });
  run(from ?? `${folder}/plan.yaml`, set);
  made.set(name, `${folder}/mart`);
  return `${folder}/mart`;
}

/** `quintile serve` over the mart in `folder`; resolves once it answers. */
export function serve(folder, { previous, port = 0 } = {}) {
  const extra = [...(previous ? ['--previous', previous] : []), ...(process.env.WEB_DIR ? ['--web-dir', resolve(process.env.WEB_DIR)] : [])];
  const child = spawn(program, ['serve', '--mart', folder, '--port', String(port), ...extra], { stdio: ['ignore', 'pipe', 'pipe'] });
  running.push(child);
  return new Promise((found, failed) => {
    let said = '';
    const listen = (chunk) => {
      const address = /http:\/\/[\d.]+:\d+/.exec((said += chunk))?.[0];
      if (address) found({ base: address, stop: () => new Promise((gone) => child.once('exit', gone).kill()) });
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', (status) => failed(new Error(`quintile serve ended with ${status}: ${said}`)));
  });
}
const servers = new Map();
/** The server of a mart by name, one for all suites. */
export function server(name, previous) {
  if (!servers.has(name)) servers.set(name, serve(mart(name), { previous: previous && mart(previous) }));
  return servers.get(name);
}
export function close_all() {
  for (const child of running) child.kill();
  if (scratch) rmSync(scratch, { recursive: true, force: true });
}
process.on('exit', close_all);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));
