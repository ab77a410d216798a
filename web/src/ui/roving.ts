/** One tab stop for a group of `[data-rove]`; arrows go to the nearest in that direction, Home and End to the ends. */
const directions: Record<string, [number, number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const sideways_cost = 2.5;

export function roving(node: HTMLElement) {
  const items = () => [...node.querySelectorAll<HTMLElement>('[data-rove]')];
  function settle(current?: HTMLElement) {
    const all = items();
    const one = current ?? all.find((each) => each.tabIndex === 0) ?? all[0];
    for (const each of all) each.tabIndex = each === one ? 0 : -1;
  }
  function nearest(from: HTMLElement, [x, y]: [number, number]) {
    const a = from.getBoundingClientRect();
    let best: HTMLElement | undefined, least = Infinity;
    for (const each of items()) {
      const b = each.getBoundingClientRect();
      const dx = (b.left + b.right - a.left - a.right) / 2, dy = (b.top + b.bottom - a.top - a.bottom) / 2;
      const along = dx * x + dy * y, across = Math.abs(dx * y) + Math.abs(dy * x);
      if (each === from || along <= 2) continue;
      const cost = along + across * sideways_cost;
      if (cost < least) [least, best] = [cost, each];
    }
    return best;
  }
  function on_key(event: KeyboardEvent) {
    const target = event.target as HTMLElement;
    if (!target.hasAttribute('data-rove')) return;
    const direction = directions[event.key];
    const next = direction ? nearest(target, direction) : event.key === 'Home' ? items()[0] : event.key === 'End' ? items().at(-1) : undefined;
    if (!next) return;
    event.preventDefault();
    settle(next);
    next.focus();
  }
  const on_focus = (event: FocusEvent) => {
    const target = event.target as HTMLElement;
    if (target.hasAttribute('data-rove')) settle(target);
  };
  node.addEventListener('keydown', on_key);
  node.addEventListener('focusin', on_focus);
  const watcher = new MutationObserver(() => settle());
  watcher.observe(node, { childList: true, subtree: true });
  settle();
  return {
    destroy() {
      watcher.disconnect();
      node.removeEventListener('keydown', on_key);
      node.removeEventListener('focusin', on_focus);
    },
  };
}
