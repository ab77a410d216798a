import { forget, request, watch_snapshot } from '../api/client';
import { Resource } from '../api/resource.svelte';
import type { Meta, SegmentEntry, ServedSnapshot, Snapshot } from '../api/schema';
import { vocabulary_of } from './link';
import { preferences } from './preferences.svelte';
import { router } from './route.svelte';

const poll_ms = 20_000, first_look_ms = 1_000;

/** The mart that the page shows, and whether a newer one is ready. */
class Mart {
  readonly resource = new Resource<Meta>();
  /** Set once the link can be read with its words. */
  meta = $state.raw<Meta>();
  newer = $state.raw<Snapshot | null>(null);
  /** Why what was published last is not what is served; empty: it is. */
  notice = $state('');
  /** Grows when another mart is loaded; everything that was read is read again. */
  generation = $state(0);
  private readonly by_id = $derived(new Map(this.meta?.segments.map((segment) => [segment.segment_id, segment])));

  constructor() {
    watch_snapshot((id) => {
      if (!this.meta || id === this.meta.snapshot.snapshot_id) return true;
      void this.look();
      return false;
    });
    setInterval(() => document.visibilityState === 'visible' && void this.look(), poll_ms);
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void this.look());
  }
  async load(again = false) {
    await this.resource.load('/meta', '', again);
    const meta = this.resource.value;
    if (!meta) return;
    preferences.currency = meta.currency;
    router.vocabulary = vocabulary_of(meta);
    this.meta = meta;
    setTimeout(() => void this.look(), first_look_ms);
  }
  async look() {
    if (!this.meta) return;
    try {
      const snapshot = await request<ServedSnapshot>('/snapshot');
      this.notice = snapshot.notice ?? '';
      this.newer = snapshot.snapshot_id === this.meta.snapshot.snapshot_id ? null : snapshot;
    } catch {
      // The next look will tell; what is on the page stays true of its mart.
    }
  }
  async renew() {
    forget();
    await this.load(true);
    this.newer = null;
    this.generation++;
  }
  segment(id: string | null): SegmentEntry | undefined {
    return id === null ? undefined : this.by_id.get(id);
  }
  name(id: string | null): string {
    return this.segment(id)?.segment_name ?? id ?? '';
  }
}
export const mart = new Mart();
