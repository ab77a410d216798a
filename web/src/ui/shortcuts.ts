import type { Page } from '../state/link';
import { dialogs } from '../state/dialogs.svelte';
import { mart } from '../state/mart.svelte';
import { preferences, say } from '../state/preferences.svelte';
import { router } from '../state/route.svelte';

const page_keys: Record<string, Page> = { o: 'overview', c: 'customers', i: 'insights', r: 'rules', q: 'quality', p: 'report', m: 'migration' };
const chord_ms = 1200;
/** As the reader's keyboard has it. */
export const palette_keys = /Mac|iP(hone|ad)/.test(navigator.platform) ? '⌘ K' : 'Ctrl K';

export const shortcuts = (migration: boolean) => [
  { keys: palette_keys, text: say('palette.title') },
  { keys: '/', text: say('keys.search') },
  { keys: '?', text: say('keys.help') },
  { keys: '[ ]', text: say('keys.segments') },
  { keys: 'Esc', text: say('keys.escape') },
  ...Object.entries(page_keys).filter(([, page]) => page !== 'migration' || migration).map(([key, page]) => ({ keys: `g ${key}`, text: say(`page.${page}`) })),
];

function step_segment(by: number) {
  const ids = mart.meta?.segments.map(({ segment_id }) => segment_id) ?? [];
  if (!ids.length) return;
  const at = ids.indexOf(router.route.segment[0] ?? '');
  const next = at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length;
  router.go({ segment: [ids[next]!], page: router.route.page === 'segment' ? 'segment' : 'overview' }, true);
}

function search() {
  const field = document.querySelector<HTMLInputElement>('[data-search]');
  if (field) field.focus();
  else {
    router.go(router.to_page('customers'));
    const wait = (left: number) => {
      const found = document.querySelector<HTMLInputElement>('[data-search]');
      if (found) found.focus();
      else if (left) setTimeout(wait, 50, left - 1);
    };
    wait(40);
  }
}

let chord_until = 0;
/** Single keys, unless they are switched off or someone is typing. */
export function on_key(event: KeyboardEvent) {
  const target = event.target as HTMLElement;
  if (event.defaultPrevented) return;
  if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    if (!target.closest('dialog')) dialogs.palette = true;
    return;
  }
  if (event.metaKey || event.ctrlKey || event.altKey) return;
  if (target.closest('dialog') || target.matches('input:not([type=checkbox],[type=range]),textarea,select')) return;
  if (event.key === 'Escape') {
    const { page, segment, customer } = router.route;
    if (customer !== null) router.go({ customer: null });
    else if (page === 'overview' && segment.length) close_segment();
    return;
  }
  if (!preferences.single_keys) return;
  const now = event.timeStamp;
  const page = page_keys[event.key];
  if (now < chord_until && page && (page !== 'migration' || mart.meta?.previous)) {
    chord_until = 0;
    router.go(router.to_page(page));
  } else if (event.key === 'g') chord_until = now + chord_ms;
  else if (event.key === '/') search();
  else if (event.key === '?') dialogs.help = true;
  else if (event.key === '[') step_segment(-1);
  else if (event.key === ']') step_segment(1);
  else return;
  event.preventDefault();
}

/** Closes the panel and gives focus back to the tile or row it came from. */
export function close_segment() {
  const [id] = router.route.segment;
  const inside = document.activeElement?.closest('aside') !== null || document.activeElement === document.body;
  router.go({ segment: [] });
  if (!inside || id === undefined) return;
  const at = mart.meta?.segments.find(({ segment_id }) => segment_id === id);
  const tile = [...document.querySelectorAll<HTMLElement>('.tile')].find((each) => at && each.title.startsWith(at.segment_name));
  (tile ?? document.getElementById('main'))?.focus();
}
