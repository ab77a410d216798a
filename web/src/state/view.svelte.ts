import { Resource } from '../api/resource.svelte';
import type { Cube, Family, Figures, Segments, SegmentSummary } from '../api/schema';
import { add, group, nobody, read_cells, sum, type Aggregate, type Cell } from '../model/aggregate';
import { cell_text } from '../model/cell';
import { filter_query, join, parameter } from '../model/filters';
import { families } from '../model/family';
import { grid_of, type GridCell } from '../model/grid';
import { mart } from './mart.svelte';
import { router } from './route.svelte';

/** The customers under the link's filters: sums from the cube at once, the rest from the server's summary. */
class View {
  readonly cube = new Resource<Cube>();
  readonly summary = new Resource<Segments>();

  readonly attributes: string = $derived(filter_query(router.route.filters));
  readonly with_cells: string = $derived(join(this.attributes, parameter('cells', router.route.cells)));
  /** Everything, the chosen segments too: what an export or the list of customers holds. */
  readonly query: string = $derived(join(this.with_cells, parameter('segment', router.route.segment)));
  readonly filtered = $derived(this.with_cells !== '' || router.route.segment.length > 0);

  private readonly cells: Cell[] = $derived(this.cube.value && mart.meta ? read_cells(this.cube.value.cells, mart.meta.money_scale) : []);
  private readonly chosen_cells = $derived(new Set(router.route.cells));
  private readonly chosen_segments = $derived(new Set(router.route.segment));
  private readonly in_cells: Cell[] = $derived(
    this.chosen_cells.size ? this.cells.filter((cell) => this.chosen_cells.has(cell_text(cell))) : this.cells,
  );
  /** Under attributes and grid cells, not segments: what the segment views divide by. */
  readonly whole: Aggregate = $derived(sum(this.in_cells));
  /** Under every filter. */
  readonly total: Aggregate = $derived(
    this.chosen_segments.size ? sum(this.in_cells.filter((cell) => this.chosen_segments.has(cell.segment_id))) : this.whole,
  );
  private readonly segment_sums: Map<string, Aggregate> = $derived(group(this.in_cells, (cell) => cell.segment_id));
  private readonly summaries = $derived(new Map(this.summary.value?.segments.map((segment) => [segment.segment_id, segment])));
  readonly population: Figures | undefined = $derived(this.summary.value?.population);

  /** Sums by family under every filter. */
  readonly by_family: Map<Family, Aggregate> = $derived.by(() => {
    const sums = new Map<Family, Aggregate>(families.map((family) => [family, nobody()]));
    for (const cell of this.in_cells) {
      if (this.chosen_segments.size && !this.chosen_segments.has(cell.segment_id)) continue;
      const family = mart.segment(cell.segment_id)?.family;
      if (family) add(sums.get(family)!, cell);
    }
    return sums;
  });

  /** The grid under attributes and segments, never under its own cells; high recency first. */
  readonly grid: GridCell[] = $derived.by(() => {
    const bins = mart.meta?.bins;
    if (!bins) return [];
    const of_segments = this.chosen_segments.size ? this.cells.filter((cell) => this.chosen_segments.has(cell.segment_id)) : this.cells;
    return grid_of(of_segments, bins, ({ segment_id }) => mart.segment(segment_id)?.family);
  });

  sums(id: string): Aggregate {
    return this.segment_sums.get(id) ?? nobody();
  }
  details(id: string): SegmentSummary | undefined {
    return this.summaries.get(id);
  }
  load(again = false) {
    void this.cube.load('/cube', join('by=segment', this.attributes), again);
    void this.summary.load('/segments', this.with_cells, again);
  }
}
export const view = new View();
