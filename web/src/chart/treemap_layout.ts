import { hierarchy, treemap, treemapBinary, treemapSquarify } from 'd3-hierarchy';
import type { Family } from '../api/schema';
import { text_width } from './text_width';

export type TreemapItem = { id: string; name: string; family: Family; value: number; text: string; change: string; title: string };
/** How much a tile can say: `full` name and large share; `small` both small; `line` in one row; `upright` turned; `name` and `turned` the name alone, the latter
 *  turned; `share` no name; `tiny` nothing. */
export type TileShape = 'full' | 'small' | 'line' | 'upright' | 'name' | 'turned' | 'share' | 'tiny';
type Node = { family?: Family; item?: TreemapItem; children?: Node[] };

const head_height = 19, family_gap = 8, tile_gap = 2;
/** The small type, the width of a share in it, and what surrounds both: a name is shown whole or not at all. */
const type = 12, share_width = 38, padding = 12;

function shape_of(name: string, width: number, height: number): TileShape {
  const whole = text_width(name, type), word = Math.max(...name.split(/\s+/).map((each) => text_width(each, type)));
  if (width >= 104 && height >= 62) return 'full';
  if (height >= 42 && whole + padding <= width) return 'small';
  if (height >= 58 && word + padding <= width && whole <= 1.8 * (width - padding)) return 'small';
  if (width >= 20 && height >= 72 && whole + share_width + padding <= height) return 'upright';
  if (height >= 20 && whole + share_width + padding <= width) return 'line';
  if (height >= 20 && whole + padding <= width) return 'name';
  if (width >= share_width + 4 && height >= 18) return 'share';
  return width >= 20 && whole + padding <= height ? 'turned' : 'tiny';
}

/** Families keep their place whatever the numbers, so that the eye does too; tiles inside go by size. */
export function treemap_layout(items: TreemapItem[], families: Family[], width: number, height: number) {
  const total = items.reduce((sum, item) => sum + Math.max(0, item.value), 0);
  const root = hierarchy<Node>({
    children: families.map((family) => ({ family, children: items.filter((item) => item.family === family && item.value > 0).map((item) => ({ item })) })).filter(({ children }) => children.length),
  }).sum((node) => node.item?.value ?? 0);
  for (const group of root.children ?? []) group.children?.sort((a, b) => b.value! - a.value!);
  const inner = treemapSquarify.ratio(1.3);
  const placed = treemap<Node>()
    .size([width, height])
    .tile((node, x0, y0, x1, y1) => (node.depth === 0 ? treemapBinary : inner)(node as never, x0, y0, x1, y1))
    .paddingInner((node) => (node.depth === 0 ? family_gap : tile_gap))
    .paddingTop((node) => (node.depth === 1 ? head_height : 0))
    .round(true)(root);
  const heads = (placed.children ?? []).map((group) => ({ family: group.data.family!, x: group.x0, y: group.y0, width: group.x1 - group.x0, share: total ? group.value! / total : 0 }));
  const tiles = placed
    .leaves()
    .filter((leaf) => leaf.data.item)
    .map((leaf) => {
      const w = leaf.x1 - leaf.x0, h = leaf.y1 - leaf.y0;
      return { item: leaf.data.item!, x: leaf.x0, y: leaf.y0, width: w, height: h, share: total ? leaf.value! / total : 0, shape: shape_of(leaf.data.item!.name, w, h) };
    })
    .sort((a, b) => a.y - b.y || a.x - b.x);
  return { heads, tiles };
}
