/**
 * Paints the SVG that `figure_svg` writes, with the page's own font. An SVG loaded as a picture may not use a font
 * under the page's Content-Security-Policy, so the few elements it has are drawn here.
 */
export function paint_svg(context: CanvasRenderingContext2D, node: Element, opacity = 1, inherited: Record<string, string> = {}): void {
  if (node.getAttribute('display') === 'none' || ['title', 'desc', 'style'].includes(node.tagName)) return;
  const attribute = (name: string) => node.getAttribute(name) ?? inherited[name] ?? '';
  const number = (name: string) => Number.parseFloat(node.getAttribute(name) ?? '0') || 0;
  const alpha = opacity * (node.hasAttribute('opacity') ? number('opacity') : 1);
  context.save();
  for (const [, kind, values] of (node.getAttribute('transform') ?? '').matchAll(/(translate|rotate)\(([^)]*)\)/g)) {
    const [a = 0, b = 0] = values!.split(/[ ,]+/).map(Number);
    if (kind === 'translate') context.translate(a, b);
    else context.rotate((a * Math.PI) / 180);
  }
  const path = shape_of(node, number);
  if (path) {
    const fill = attribute('fill') || '#000';
    if (fill !== 'none') {
      context.globalAlpha = alpha * Number(attribute('fill-opacity') || 1);
      context.fillStyle = fill;
      context.fill(path);
    }
    const stroke = attribute('stroke');
    if (stroke && stroke !== 'none') {
      context.globalAlpha = alpha * Number(attribute('stroke-opacity') || 1);
      context.strokeStyle = stroke;
      context.lineWidth = Number(attribute('stroke-width') || 1);
      context.setLineDash((node.getAttribute('stroke-dasharray') ?? '').split(/[ ,]+/).map(Number.parseFloat).filter((each) => each > 0));
      context.stroke(path);
    }
  } else if (node.tagName === 'text') text(context, node, alpha, attribute);
  else {
    if (node.tagName === 'svg') context.translate(number('x'), number('y'));
    const passed = { ...inherited };
    for (const name of ['font-size', 'font-weight', 'fill', 'stroke', 'text-anchor']) if (node.hasAttribute(name) && node.tagName !== 'svg') passed[name] = node.getAttribute(name)!;
    for (const child of node.children) paint_svg(context, child, alpha, passed);
  }
  context.restore();
}

function shape_of(node: Element, number: (name: string) => number): Path2D | null {
  const path = new Path2D();
  switch (node.tagName) {
    case 'path': return new Path2D(node.getAttribute('d') ?? '');
    case 'rect': path.roundRect(number('x'), number('y'), Math.max(0, number('width')), Math.max(0, number('height')), number('rx')); return path;
    case 'circle': path.arc(number('cx'), number('cy'), number('r'), 0, 2 * Math.PI); return path;
    case 'polygon': return new Path2D(`M${(node.getAttribute('points') ?? '').replaceAll(' ', 'L')}Z`);
  }
  return null;
}

function text(context: CanvasRenderingContext2D, node: Element, alpha: number, attribute: (name: string) => string) {
  const size = Number.parseFloat(attribute('font-size')) || 12;
  const runs = [...node.childNodes].map((child) => {
    const own = child instanceof Element ? child : null;
    return { text: child.textContent ?? '', dx: Number(own?.getAttribute('dx') ?? 0), weight: own?.getAttribute('font-weight') ?? attribute('font-weight'), fill: own?.getAttribute('fill') ?? attribute('fill'), hidden: child.nodeType === Node.COMMENT_NODE };
  }).filter((run) => run.text && !run.hidden);
  const set = (run: (typeof runs)[number]) => (context.font = `${run.weight || 400} ${size}px Inter, sans-serif`);
  const width = runs.reduce((sum, run) => (set(run), sum + run.dx + context.measureText(run.text).width), 0);
  const anchor = attribute('text-anchor');
  let x = (Number.parseFloat(node.getAttribute('x') ?? '0') || 0) - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
  const dy = node.getAttribute('dy') ?? '0';
  const y = (Number.parseFloat(node.getAttribute('y') ?? '0') || 0) + Number.parseFloat(dy) * (dy.endsWith('em') ? size : 1);
  context.globalAlpha = alpha;
  for (const run of runs) {
    set(run);
    x += run.dx;
    if (node.getAttribute('paint-order') === 'stroke' && attribute('stroke') !== 'none') {
      context.strokeStyle = attribute('stroke');
      context.lineWidth = Number(attribute('stroke-width') || 1);
      context.lineJoin = 'round';
      context.strokeText(run.text, x, y);
    }
    context.fillStyle = run.fill || '#000';
    context.fillText(run.text, x, y);
    x += context.measureText(run.text).width;
  }
}
