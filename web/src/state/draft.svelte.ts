import { Failure, request, send } from '../api/client';
import { Resource } from '../api/resource.svelte';
import type { Cube, DraftEntry, Lint, Preview, Rule, Rules, RuleSet, SavedDraft } from '../api/schema';
import { read_cells, sum, type Aggregate, type Cell } from '../model/aggregate';
import { cell_text } from '../model/cell';
import { box_of, condition_of, ConditionError, names, parse, type Box } from '../model/condition';
import { grid_of, type GridCell } from '../model/grid';
import { minor } from '../model/money';
import { apply, Assignment, lint, score_rules } from '../model/rules';
import { mart } from './mart.svelte';

const typing_pause_ms = 60;
type Size = { customers: number; monetary: bigint };
type Flow = { from: string | null; to: string | null } & Size;
type Result = { sizes: Map<string | null, Size>; movers: Size; flows: Flow[]; lint: Lint };

/** A rule set being edited: what it would do is shown at once, and nothing is live until someone runs it. */
export class Draft {
  readonly rules = new Resource<Rules>();
  readonly cube = new Resource<Cube>();
  private edited = $state.raw<Rule[] | null>(null);
  private remote = $state.raw<Preview | null>(null);
  remote_failure = $state.raw<Failure | null>(null);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asked = 0;

  readonly saved: Rule[] = $derived(this.rules.value?.rules.segments ?? []);
  readonly list: Rule[] = $derived(this.edited ?? this.saved);
  readonly changed = $derived(this.edited !== null && JSON.stringify(this.edited) !== JSON.stringify(this.saved));
  private readonly bins = $derived(mart.meta!.bins);
  private readonly cells = $derived(this.cube.value ? read_cells(this.cube.value.cells, mart.meta!.money_scale) : []);
  readonly everyone: Aggregate = $derived(sum(this.cells));
  readonly before: Map<string, Size> = $derived.by(() => {
    const sizes = new Map<string, Size>();
    for (const cell of this.cells) {
      const size = sizes.get(cell.segment_id) ?? { customers: 0, monetary: 0n };
      sizes.set(cell.segment_id, { customers: size.customers + cell.customers, monetary: size.monetary + cell.monetary });
    }
    return sizes;
  });
  /** Conditions on scores alone are applied here; any other field needs the server. */
  private readonly on_scores = $derived(score_rules(this.list));
  readonly local = $derived(this.on_scores !== null);

  readonly result: Result | null = $derived.by(() => {
    if (this.on_scores) {
      const { segments, movers, flows } = apply(new Assignment(this.on_scores, this.bins), this.cells);
      return { sizes: segments, movers, flows, lint: lint(this.on_scores, this.bins) };
    }
    if (!this.changed && this.rules.value) return { sizes: this.before, movers: { customers: 0, monetary: 0n }, flows: [], lint: this.rules.value.lint };
    if (!this.remote) return null;
    const scale = mart.meta!.money_scale;
    const read = <T extends { customers: number; monetary: string }>(each: T) => ({ ...each, monetary: minor(each.monetary, scale) });
    return {
      sizes: new Map(this.remote.segments.map((each) => [each.segment_id, read(each)])),
      movers: read(this.remote.movers),
      flows: this.remote.flows.map(read).sort((a, b) => b.customers - a.customers),
      lint: this.remote.lint,
    };
  });

  /** The grid under the draft and the places where somebody moves; null where only the server can apply the rules. */
  readonly grid: { cells: GridCell[]; moved: string[] } | null = $derived.by(() => {
    if (!this.on_scores) return null;
    const assignment = new Assignment(this.on_scores, this.bins), family = new Map(this.list.map(({ id, family }) => [id, family]));
    const to = ({ r, f, m }: Cell) => assignment.at(r, f, m);
    return {
      cells: grid_of(this.cells, this.bins, (cell) => family.get(to(cell) ?? '')),
      moved: [...new Set(this.cells.filter((cell) => to(cell) !== cell.segment_id).map(cell_text))],
    };
  });

  load(again = false) {
    void this.rules.load('/rules', '', again);
    void this.cube.load('/cube', 'by=segment', again);
  }
  size(id: string | null): Size {
    return this.result?.sizes.get(id) ?? { customers: 0, monetary: 0n };
  }
  box(rule: Rule): Box | null {
    try {
      return rule.when === undefined ? null : box_of(parse(rule.when), this.bins);
    } catch {
      return null;
    }
  }
  /** Why a condition cannot be used, or nothing. */
  fault(rule: Rule): ConditionError | null {
    if (rule.otherwise) return null;
    try {
      const known = new Set(this.rules.value?.fields.map(({ name }) => name));
      const stranger = names(parse(rule.when ?? '')).find(({ name }) => !known.has(name));
      return stranger ? new ConditionError('unknown', stranger.at, stranger.name) : null;
    } catch (error) {
      if (error instanceof ConditionError) return error;
      throw error;
    }
  }
  get faulty(): boolean {
    return this.list.some((rule) => this.fault(rule) !== null);
  }
  set_box(id: string, box: Box) {
    this.set_when(id, condition_of(box, this.bins));
  }
  set_when(id: string, when: string) {
    this.change(this.list.map((rule) => (rule.id === id ? { ...rule, when } : rule)));
  }
  move(at: number, by: number) {
    const list = [...this.list];
    const [rule] = list.splice(at, 1);
    list.splice(at + by, 0, rule!);
    this.change(list);
  }
  reset() {
    this.change(null);
  }
  private change(list: Rule[] | null) {
    this.edited = list;
    clearTimeout(this.timer);
    if (!this.local && this.changed && !this.faulty) this.timer = setTimeout(() => void this.ask(), typing_pause_ms);
  }
  rule_set(): RuleSet {
    return { ...this.rules.value!.rules, segments: this.list };
  }
  private body() {
    return { rules: this.rule_set(), base_digest: this.rules.value!.rules_digest };
  }
  private async ask() {
    const turn = ++this.asked;
    try {
      const preview = await this.preview();
      if (turn !== this.asked) return;
      this.remote = preview;
      this.remote_failure = null;
    } catch (error) {
      if (turn === this.asked) this.remote_failure = error instanceof Failure ? error : new Failure(0, null);
    }
  }
  preview(): Promise<Preview> {
    return send<Preview>('POST', '/rules/preview', this.body());
  }
  /** The rules as a file, as they are and as the draft would have them; both written alike. */
  async yaml(): Promise<{ before: string; after: string }> {
    const [before, after] = await Promise.all([send<Preview>('POST', '/rules/preview', { rules: this.rules.value!.rules }), this.preview()]);
    return { before: before.yaml, after: after.yaml };
  }
  save(draft_id: string): Promise<DraftEntry> {
    return send<DraftEntry>('PUT', `/rules/drafts/${draft_id}`, this.body());
  }
  async open(draft_id: string) {
    const saved = await request<SavedDraft>(`/rules/drafts/${draft_id}`);
    this.change(saved.rules.segments);
  }
}
