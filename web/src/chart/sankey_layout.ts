import { sankey, sankeyJustify, type SankeyLink, type SankeyNode } from 'd3-sankey';
import type { Family } from '../api/schema';
import { family_rank } from '../model/family';

export type SankeySegment = { id: string; name: string; family: Family };
export type SankeyFlow = { from: string; to: string; customers: number };
type NodeData = { key: string; segment: SankeySegment; side: 0 | 1 };
type LinkData = { from: string; to: string; direction: number; title: string };
export type PlacedNode = SankeyNode<NodeData, LinkData>;
export type PlacedLink = SankeyLink<NodeData, LinkData>;

const node_width = 8, node_gap = 9, label_line = 13;

/** Where the labels of one side stand: beside their node, moved apart where nodes are too thin for that. */
export function label_places(nodes: PlacedNode[], height: number): Map<string, number> {
  const places = new Map<string, number>();
  for (const side of [0, 1]) {
    const list = nodes.filter((node) => node.side === side).sort((a, b) => a.y0! - b.y0!).map((node) => ({ key: node.key, y: (node.y0! + node.y1!) / 2 }));
    for (let i = 1; i < list.length; i++) list[i]!.y = Math.max(list[i]!.y, list[i - 1]!.y + label_line);
    let limit = height - label_line / 2;
    for (const place of list.reverse()) {
      place.y = Math.min(place.y, limit);
      limit = place.y - label_line;
      places.set(place.key, place.y);
    }
  }
  return places;
}

/** Left the older mart, right this one, segments in rule order on both sides. */
export function sankey_layout(segments: SankeySegment[], flows: SankeyFlow[], width: number, height: number, margin: number): { nodes: PlacedNode[]; links: PlacedLink[] } {
  const by_id = new Map(segments.map((segment) => [segment.id, segment]));
  const nodes: NodeData[] = [];
  const index = new Map<string, number>();
  for (const side of [0, 1] as const)
    for (const segment of segments)
      if (flows.some((flow) => (side ? flow.to : flow.from) === segment.id)) {
        index.set(side + segment.id, nodes.length);
        nodes.push({ key: side + segment.id, segment, side });
      }
  if (!flows.length || width < 2 * margin) return { nodes: [], links: [] };
  const links = flows.map(({ from, to, customers }) => ({
    source: index.get(`0${from}`)!, target: index.get(`1${to}`)!, value: customers, from, to,
    direction: Math.sign(family_rank(by_id.get(to)?.family) - family_rank(by_id.get(from)?.family)),
    title: `${by_id.get(from)?.name} → ${by_id.get(to)?.name}`,
  }));
  const gap = Math.min(node_gap, (height - 12) / (2 * Math.max(1, nodes.length)));
  return sankey<NodeData, LinkData>()
    .nodeWidth(node_width)
    .nodePadding(gap)
    .nodeAlign(sankeyJustify)
    .nodeSort((a, b) => segments.indexOf(a.segment) - segments.indexOf(b.segment))
    .extent([[margin, 6], [width - margin, height - 6]])({ nodes, links });
}
