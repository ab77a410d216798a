import type { Problem } from './schema';

/** A request that did not give an answer: what happened, and the server's own words if it had any. */
export class Failure extends Error {
  constructor(readonly status: number, readonly problem: Problem | null) {
    super(problem?.detail ?? '');
  }
}
/** The answer is of a newer mart than the page shows. */
export class Superseded extends Error {}

const root = '/api/v1';
export const url_of = (path: string, query = '') => root + path + (query ? `?${query}` : '');

/** Called with the snapshot of every answer; false means it is not the one the page shows. */
type Watch = (snapshot_id: string) => boolean;
let watch: Watch = () => true;
export const watch_snapshot = (each: Watch) => (watch = each);

export async function request<T>(path: string, query = '', init: RequestInit = {}): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url_of(path, query), init);
  } catch (error) {
    if ((error as Error).name === 'AbortError') throw error;
    throw new Failure(0, null);
  }
  if (!response.ok) {
    const problem = response.headers.get('Content-Type')?.includes('json') ? ((await response.json().catch(() => null)) as Problem | null) : null;
    throw new Failure(response.status, problem);
  }
  const snapshot = response.headers.get('Quintile-Snapshot');
  if (snapshot && path !== '/meta' && path !== '/snapshot' && !watch(snapshot)) throw new Superseded();
  return (await response.json()) as T;
}

export const send = <T>(method: 'POST' | 'PUT', path: string, body: unknown, query = '') =>
  request<T>(path, query, { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });

/** The latest answers, so that going back is instant; emptied when another mart is loaded. */
const kept = new Map<string, unknown>();
let generation = 0;
/** Which mart answers belong to: it grows with each `forget`. */
export const current_generation = () => generation;
const kept_max = 48;
export const recall = <T>(key: string) => kept.get(key) as T | undefined;
export function keep(key: string, value: unknown) {
  kept.delete(key);
  kept.set(key, value);
  if (kept.size > kept_max) kept.delete(kept.keys().next().value!);
}
export function forget() {
  kept.clear();
  generation++;
}
