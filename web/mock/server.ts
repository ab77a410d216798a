/** A stand-in for `quintile serve`: the API of openapi.yaml over a made-up mart, and the built page. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Draft, DraftEntry, Migration, RuleSet } from '../src/api/schema';
import { lint, score_rules } from '../src/model/rules';
import { detail, page } from './customer';
import { digest, fields, preview, yaml } from './draft';
import { csv } from './export';
import { parse_filter, Refusal } from './filter';
import { distributions, insights, recommendations } from './insight';
import { make_mart, type Mart, type Variant } from './mart';
import { dimension_values, meta } from './meta';
import { quality } from './review';
import { cube, money, segments } from './summary';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8080' },
    dist: { type: 'string', default: 'dist' },
    customers: { type: 'string', default: '100000' },
    variant: { type: 'string', default: 'plain' },
    previous: { type: 'boolean', default: false },
  },
});
let seed = 20231115;
const build = (): Mart => make_mart({ customers: Number(options.customers), seed, variant: options.variant as Variant, previous: options.previous! });
let mart = build();
const drafts = new Map<string, DraftEntry & { rules: RuleSet }>();
/** What tests may ask of the stand-in: `/stand-in?fail=/segments&delay=500&publish=1`. */
let trouble = { fail: '', delay: 0 };

const html = () => readFileSync(join(options.dist!, 'index.html'), 'utf8');
const inline_hash = () => {
  const script = /<script>([\s\S]*?)<\/script>/.exec(html())?.[1] ?? '';
  return createHash('sha256').update(script).digest('base64');
};
const policy = () =>
  `default-src 'none'; script-src 'self' 'sha256-${inline_hash()}'; style-src 'self'; style-src-attr 'unsafe-inline'; font-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
const types: Record<string, string> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.woff2': 'font/woff2', '.svg': 'image/svg+xml', '.txt': 'text/plain; charset=utf-8' };

function send(request: IncomingMessage, response: ServerResponse, status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}) {
  const packed = String(request.headers['accept-encoding'] ?? '').includes('gzip') && !type.startsWith('font/');
  response.writeHead(status, { 'Content-Type': type, 'X-Content-Type-Options': 'nosniff', ...(packed ? { 'Content-Encoding': 'gzip' } : {}), ...headers });
  response.end(packed ? gzipSync(body, { level: 6 }) : body);
}
function problem(request: IncomingMessage, response: ServerResponse, refusal: Refusal) {
  const body = { type: 'about:blank', title: refusal.code.replaceAll('_', ' '), status: refusal.status, code: refusal.code, detail: refusal.message, trace_id: Math.random().toString(16).slice(2, 10), ...refusal.more };
  send(request, response, refusal.status, 'application/problem+json', JSON.stringify(body));
}

async function body_of(request: IncomingMessage): Promise<Draft> {
  if (!String(request.headers['content-type']).startsWith('application/json')) throw new Refusal(415, 'not_json', 'Send application/json.');
  const site = request.headers['sec-fetch-site'];
  if (site && site !== 'same-origin' && site !== 'none') throw new Refusal(403, 'cross_site', 'This request came from another site.');
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 262144) throw new Refusal(413, 'too_large', 'At most 256 KiB.');
  }
  try {
    return JSON.parse(text) as Draft;
  } catch {
    throw new Refusal(400, 'bad_request', 'The body is not JSON.');
  }
}

function migration(query: URLSearchParams): Migration {
  if (!mart.previous_date) throw new Refusal(404, 'no_previous_mart', 'The server was started without --previous.');
  const filter = parse_filter(mart, query);
  const flows = new Map<string, { from: number | null; to: number; customers: number; monetary: number }>();
  for (const row of mart.rows) {
    if (!filter.keep(row)) continue;
    const key = `${row.previous_segment}>${row.segment}`;
    const flow = flows.get(key) ?? { from: row.previous_segment, to: row.segment, customers: 0, monetary: 0 };
    flow.customers++;
    flow.monetary += row.monetary;
    flows.set(key, flow);
  }
  const id = (at: number | null) => (at === null ? null : mart.rules.segments[at]!.id);
  return {
    from: { snapshot_id: 'before', analysis_date: mart.previous_date },
    to: { snapshot_id: mart.snapshot_id, analysis_date: mart.analysis_date },
    segments: mart.rules.segments.map((rule) => ({ segment_id: rule.id, segment_name: rule.name, family: rule.family })),
    flows: [...flows.values()].map((flow) => ({ from: id(flow.from), to: id(flow.to), customers: flow.customers, monetary: money(flow.monetary) })),
  };
}

const plain_draft = ({ rules: _, ...entry }: DraftEntry & { rules: RuleSet }): DraftEntry => entry;
function rules_report() {
  const on_scores = score_rules(mart.rules.segments)!;
  return { rules: mart.rules, rules_digest: digest(mart.rules), fields: fields(mart), lint: lint(on_scores, { r_score: mart.bins, f_score: mart.bins, m_score: mart.bins }) };
}

/** Answers once worked out, so that the page is measured and not this. */
const known = new Map<string, string>();
function answer(path: string, query: URLSearchParams): string {
  const key = `${mart.snapshot_id}${path}?${query}`;
  if (path.startsWith('/rules/drafts')) return JSON.stringify(read(path, query));
  if (!known.has(key)) known.set(key, JSON.stringify(read(path, query)));
  return known.get(key)!;
}
/** The answer to a GET under /api/v1, as JSON. */
function read(path: string, query: URLSearchParams): unknown {
  const filter = (taken: string[] = []) => parse_filter(mart, query, taken);
  const parts = path.split('/').slice(1).map(decodeURIComponent);
  switch (path) {
    case '/meta': return meta(mart);
    case '/snapshot': return { snapshot_id: mart.snapshot_id, analysis_date: mart.analysis_date };
    case '/segments': return segments(mart, filter());
    case '/cube':
      if (query.has('by') && query.get('by') !== 'segment') throw new Refusal(400, 'bad_parameter', 'by: only segment', { parameter: 'by' });
      return { cells: cube(mart, filter(['by']), query.has('by')) };
    case '/distributions': return distributions(mart, filter());
    case '/insights': return { insights: insights(mart, filter()), recommendations: recommendations(mart, filter()) };
    case '/quality': return quality(mart);
    case '/migration': return migration(query);
    case '/customers': return page(mart, filter(['q', 'sort', 'limit', 'after']), query);
    case '/rules': return rules_report();
    case '/rules/drafts': return { drafts: [...drafts.values()].map(plain_draft) };
    case '/audience': {
      const rows = mart.rows.filter(filter().keep);
      const contactable = mart.consent ? rows.filter((row) => row.consent).length : rows.length;
      return { customers: rows.length, contactable, withheld: rows.length - contactable, consent: mart.consent };
    }
    case '/healthz': return { status: 'ok' };
  }
  if (parts[0] === 'customers' && parts.length === 2) {
    const row = /^\d+$/.test(parts[1]!) ? mart.rows[Number(parts[1]) - 1] : undefined;
    if (!row) throw new Refusal(404, 'not_found', 'No such customer in this mart.');
    return detail(mart, row);
  }
  if (parts[0] === 'dimensions' && parts[2] === 'values') {
    if (!mart.attributes.some(({ name }) => name === parts[1])) throw new Refusal(404, 'not_found', 'No such dimension.');
    const q = (query.get('q') ?? '').toLowerCase();
    const values = dimension_values(mart, parts[1]!).filter(({ value }) => value.toLowerCase().includes(q));
    return { values: values.slice(0, Number(query.get('limit') ?? 50)), total: values.length };
  }
  if (parts[0] === 'rules' && parts[1] === 'drafts' && drafts.has(parts[2] ?? '')) return drafts.get(parts[2]!);
  throw new Refusal(404, 'not_found', 'Nothing is here.');
}

async function api(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams) {
  const headers = { 'Quintile-Snapshot': mart.snapshot_id, 'Cache-Control': 'no-cache' };
  if (trouble.delay) await new Promise((resolve) => setTimeout(resolve, trouble.delay));
  if (trouble.fail && path.startsWith(trouble.fail)) throw new Refusal(503, 'loading', 'The mart is being loaded.');
  if (request.method === 'POST' && path === '/rules/preview') {
    const answer = preview(mart, parse_filter(mart, query), (await body_of(request)).rules);
    return send(request, response, 200, 'application/json', JSON.stringify(answer), headers);
  }
  const draft_id = /^\/rules\/drafts\/([a-z0-9][a-z0-9_-]{0,63})$/.exec(path)?.[1];
  if (request.method === 'PUT' && draft_id) {
    const draft = await body_of(request);
    preview(mart, parse_filter(mart, new URLSearchParams()), draft.rules);
    const entry = { draft_id, file: `${draft_id}.yaml`, rules_digest: digest(draft.rules), base_digest: draft.base_digest ?? null, rules: draft.rules };
    const status = drafts.has(draft_id) ? 200 : 201;
    drafts.set(draft_id, entry);
    return send(request, response, status, 'application/json', JSON.stringify(plain_draft(entry)), headers);
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') throw new Refusal(405, 'method_not_allowed', 'Only GET here.');
  const file = /^\/export\/(segments|customers|audience)\.csv$/.exec(path)?.[1] as 'segments' | 'customers' | 'audience' | undefined;
  if (file) {
    const separator = query.get('separator') ?? 'comma';
    if (!['comma', 'semicolon'].includes(separator)) throw new Refusal(400, 'bad_parameter', 'separator: comma or semicolon', { parameter: 'separator' });
    const text = csv(mart, file, parse_filter(mart, query, ['separator']), separator === 'comma' ? ',' : ';');
    return send(request, response, 200, 'text/csv; charset=utf-8', text, { ...headers, 'Content-Disposition': `attachment; filename="${file}_${mart.analysis_date}.csv"` });
  }
  const saved = /^\/rules(?:\/drafts\/([a-z0-9_-]+))?\.yaml$/.exec(path);
  if (saved) {
    const rules = saved[1] ? drafts.get(saved[1])?.rules : mart.rules;
    if (!rules) throw new Refusal(404, 'not_found', 'No such draft.');
    return send(request, response, 200, 'application/yaml', yaml(rules), { ...headers, 'Content-Disposition': `attachment; filename="${saved[1] ?? 'rules'}.yaml"` });
  }
  const etag = `"${mart.snapshot_id}-${createHash('sha256').update(path + query.toString()).digest('hex').slice(0, 12)}"`;
  if (request.headers['if-none-match'] === etag && !path.startsWith('/rules/drafts')) return response.writeHead(304, { ...headers, ETag: etag }).end();
  send(request, response, 200, 'application/json', answer(path, query), { ...headers, ETag: etag });
}

function stand_in(query: URLSearchParams) {
  trouble = { fail: query.get('fail') ?? '', delay: Number(query.get('delay') ?? 0) };
  if (query.has('publish')) {
    seed++;
    mart = build();
  }
}

createServer((request, response) => {
  const url = new URL(request.url!, 'http://localhost');
  const work = async () => {
    if (url.pathname.startsWith('/api/v1/')) return api(request, response, url.pathname.slice(7), url.searchParams);
    if (url.pathname === '/stand-in') {
      stand_in(url.searchParams);
      return send(request, response, 200, 'application/json', '{}');
    }
    const path = normalize(url.pathname === '/' ? '/index.html' : url.pathname);
    const file = join(options.dist!, path);
    if (!existsSync(file) || !types[extname(file)]) throw new Refusal(404, 'not_found', 'Nothing is here.');
    const headers: Record<string, string> = path.startsWith('/assets/')
      ? { 'Cache-Control': 'public, max-age=31536000, immutable' }
      : { 'Cache-Control': 'no-cache', 'Content-Security-Policy': policy(), 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin' };
    send(request, response, 200, types[extname(file)]!, readFileSync(file), headers);
  };
  work().catch((error) => problem(request, response, error instanceof Refusal ? error : new Refusal(500, 'internal', String(error))));
}).listen(Number(options.port), '127.0.0.1', () => console.log(`stand-in on http://127.0.0.1:${options.port}`));
