import { describe, expect, it } from 'vitest';
import { treemap_layout, type TreemapItem } from '../../src/chart/treemap_layout';
import { families } from '../../src/model/family';

const item = (id: string, value: number, family: TreemapItem['family'] = 'core', name = id): TreemapItem => ({ id, name, family, value, text: '', change: '', title: '' });
const shape = (name: string, width: number, height: number) => treemap_layout([item('a', 1, 'core', name)], families, width, height).tiles[0]!.shape;

describe('the treemap', () => {
  it('gives every segment an area of its size, inside the frame', () => {
    const items = [item('a', 60), item('b', 30), item('c', 10, 'growing'), item('d', 0, 'dormant')];
    const { tiles, heads } = treemap_layout(items, families, 800, 400);
    expect(tiles.map((tile) => tile.item.id).sort()).toEqual(['a', 'b', 'c']);
    expect(tiles.every(({ x, y, width, height }) => x >= 0 && y >= 0 && x + width <= 800 && y + height <= 400)).toBe(true);
    expect(heads.map(({ family, share }) => [family, share])).toEqual([['core', 0.9], ['growing', 0.1]]);
    const area = (id: string) => tiles.find((tile) => tile.item.id === id)!;
    expect((area('a').width * area('a').height) / (area('b').width * area('b').height)).toBeCloseTo(2, 0);
  });
  it('shows a name whole or not at all', () => {
    expect(shape('Big baskets', 200, 119)).toBe('full');
    expect(shape('Big baskets', 92, 70)).toBe('small');
    expect(shape('Loyal regulars', 75, 80)).toBe('small'); // on two lines
    expect(shape('Loyal regulars', 70, 69)).toBe('share'); // the second has no room
    expect(shape('Newcomers', 64, 90)).toBe('share'); // a word is never broken
    expect(shape('Big baskets', 38, 110)).toBe('turned'); // the name rather than nothing
    expect(shape('Big baskets', 92, 40)).toBe('name');
    expect(shape('Lapsed potential', 40, 200)).toBe('upright');
    expect(shape('Lost', 90, 42)).toBe('line');
    expect(shape('Lost', 10, 200)).toBe('tiny');
  });
  it('is empty for nobody', () => {
    expect(treemap_layout([item('a', 0)], families, 800, 400)).toEqual({ heads: [], tiles: [] });
  });
});
