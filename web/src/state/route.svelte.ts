import { build_link, parse_link, start, type Route, type Vocabulary } from './link';

/** The link is the state: the page reads it here and changes it only through `go`. */
class Router {
  private search = $state.raw(location.search);
  vocabulary = $state.raw<Vocabulary | null>(null);
  private readonly parsed = $derived(parse_link(this.search, this.vocabulary));
  readonly route: Route = $derived(this.parsed.route);
  /** Parts of the link that were not understood, once the mart is known. */
  readonly dropped: string[] = $derived(this.vocabulary ? this.parsed.dropped : []);

  constructor() {
    addEventListener('popstate', () => (this.search = location.search));
  }
  /** A choice makes a step in the history; `replace` is for what is not worth one, such as sorting. */
  go(change: Partial<Route>, replace = false) {
    const query = build_link({ ...this.route, ...change });
    const target = query ? `?${query}` : location.pathname;
    if (query === this.search.replace(/^\?/, '')) return;
    if ((change.page && change.page !== this.route.page) || (change.after !== undefined && change.after !== this.route.after)) scrollTo(0, 0);
    history[replace ? 'replaceState' : 'pushState'](null, '', target);
    this.search = query ? `?${query}` : '';
  }
  href(change: Partial<Route>): string {
    return `?${build_link({ ...this.route, ...change })}`;
  }
  /** Another page keeps filters and selection, not the place in a list. */
  to_page(page: Route['page'], change: Partial<Route> = {}): Partial<Route> {
    const { sort, q, after, customer, draft } = start();
    return { page, sort, q, after, customer, draft, ...change };
  }
  /** Filters by a grid cell; `more` adds to those chosen, a cell chosen already goes. */
  readonly pick_cell = (key: string, more: boolean) => {
    const { cells } = this.route, has = cells.includes(key);
    this.go({ cells: has && (more || cells.length === 1) ? cells.filter((each) => each !== key) : more ? [...cells, key] : [key] });
  };
  /** Puts the understood part of the link in the address bar. */
  tidy() {
    this.go({}, true);
  }
}
export const router = new Router();
