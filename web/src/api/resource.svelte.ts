import { untrack } from 'svelte';
import { current_generation, Failure, keep, recall, request, Superseded, url_of } from './client';

const skeleton_delay_ms = 150;

/** One answer of the API: the last good one stays while the next is on its way. */
export class Resource<T> {
  value = $state.raw<T>();
  failure = $state.raw<Failure | null>(null);
  /** True once an answer has been awaited long enough to say so. */
  slow = $state(false);
  private wanted = '';
  private running: AbortController | null = null;

  async load(path: string, query = '', again = false): Promise<void> {
    const key = url_of(path, query);
    const wanted = `${current_generation()} ${key}`;
    // Whoever loads in an effect must not be run again by the failure of this very load.
    if (wanted === this.wanted && !again && untrack(() => this.failure) === null) return;
    this.wanted = wanted;
    this.running?.abort();
    const known = again ? undefined : recall<T>(key);
    if (known !== undefined) {
      this.finish(known);
      return;
    }
    const running = (this.running = new AbortController());
    const timer = setTimeout(() => (this.slow = true), skeleton_delay_ms);
    try {
      const value = await request<T>(path, query, { signal: running.signal });
      if (running.signal.aborted) return;
      keep(key, value);
      this.finish(value);
    } catch (error) {
      if (running.signal.aborted) return;
      this.slow = false;
      if (error instanceof Superseded) return;
      this.failure = error instanceof Failure ? error : new Failure(0, null);
    } finally {
      clearTimeout(timer);
    }
  }
  private finish(value: T) {
    this.value = value;
    this.failure = null;
    this.slow = false;
  }
}
