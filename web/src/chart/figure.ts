/** Turns a card of the page into a picture of its own: what is drawn, with title, filters and snapshot in it. */
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2?url';
import { join } from '../model/filters';
import { mart } from '../state/mart.svelte';
import { preferences, say } from '../state/preferences.svelte';
import { view } from '../state/view.svelte';
import { paint_svg } from './raster';

const margin = 16, head = 46, foot = 26;
const escape = (text: string) => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
const round = (value: number) => Math.round(value * 100) / 100;

/** Any CSS colour as hex and opacity, since few programs read oklch. */
class Paint {
  private readonly context = Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', { willReadFrequently: true })!;
  private readonly known = new Map<string, { colour: string; opacity: number }>();
  of(css: string) {
    let found = this.known.get(css);
    if (!found) {
      this.context.clearRect(0, 0, 1, 1);
      this.context.fillStyle = '#000';
      this.context.fillStyle = css;
      this.context.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = this.context.getImageData(0, 0, 1, 1).data;
      const hex = (value: number) => value.toString(16).padStart(2, '0');
      this.known.set(css, (found = { colour: `#${hex(r!)}${hex(g!)}${hex(b!)}`, opacity: a! / 255 }));
    }
    return found;
  }
  fill(css: string, name = 'fill') {
    const { colour, opacity } = this.of(css);
    return `${name}="${colour}"${opacity < 1 ? ` ${name}-opacity="${round(opacity)}"` : ''}`;
  }
}

class Drawing {
  readonly parts: string[] = [];
  constructor(private readonly paint: Paint, private readonly left: number, private readonly top: number) {}

  element(node: Element, opacity = 1) {
    const style = getComputedStyle(node);
    if (style.display === 'none' || style.visibility === 'hidden' || node.matches('.sr, .no-print, [data-no-export]')) return;
    const own = opacity * Number(style.opacity);
    if (own === 0) return;
    if (node instanceof SVGSVGElement) return this.svg(node, own);
    this.box(node, style, own);
    if (node instanceof HTMLInputElement || node instanceof HTMLSelectElement) return;
    for (const child of node.childNodes) {
      if (child instanceof Element) this.element(child, own);
      else if (child.nodeType === Node.TEXT_NODE && child.textContent?.trim()) this.text(child as Text, style, own);
    }
  }
  private box(node: Element, style: CSSStyleDeclaration, opacity: number) {
    const rect = node.getBoundingClientRect();
    if (rect.width < 0.5 || rect.height < 0.5) return;
    const fill = this.paint.of(style.backgroundColor);
    const border = Number.parseFloat(style.borderTopWidth);
    const ring = /^(.*?) 0px 0px 0px ([\d.]+)px inset$/.exec(style.boxShadow);
    const shape = (inset: number) => {
      const x = round(rect.left - this.left + inset), y = round(rect.top - this.top + inset), width = round(rect.width - 2 * inset), height = round(rect.height - 2 * inset);
      const points = /^polygon\((.*)\)$/.exec(style.clipPath)?.[1];
      if (points) return `<polygon points="${points.split(',').map((pair) => { const [px, py] = pair.trim().split(' ').map(Number.parseFloat); return `${round(x + (width * px!) / 100)},${round(y + (height * py!) / 100)}`; }).join(' ')}"`;
      const radius = Math.min(Number.parseFloat(style.borderTopLeftRadius) * (style.borderTopLeftRadius.endsWith('%') ? rect.width / 100 : 1) || 0, rect.width / 2, rect.height / 2);
      return `<rect x="${x}" y="${y}" width="${width}" height="${height}"${radius ? ` rx="${round(radius)}"` : ''}`;
    };
    const dim = opacity < 1 ? ` opacity="${round(opacity)}"` : '';
    if (fill.opacity > 0) this.parts.push(`${shape(0)} ${this.paint.fill(style.backgroundColor)}${dim}/>`);
    if (ring) this.parts.push(`${shape(Number(ring[2]) / 2)} fill="none" ${this.paint.fill(ring[1]!, 'stroke')} stroke-width="${ring[2]}"${dim}/>`);
    else if (border > 0 && style.borderTopStyle !== 'none' && style.borderLeftWidth === style.borderTopWidth) this.parts.push(`${shape(border / 2)} fill="none" ${this.paint.fill(style.borderTopColor, 'stroke')} stroke-width="${border}"${dim}/>`);
    else if (Number.parseFloat(style.borderBottomWidth) > 0) {
      const y = round(rect.bottom - this.top - 0.5);
      this.parts.push(`<path d="M${round(rect.left - this.left)} ${y}h${round(rect.width)}" ${this.paint.fill(style.borderBottomColor, 'stroke')}/>`);
    }
  }
  /** One `<text>` a line as it is broken on the page. */
  private text(node: Text, style: CSSStyleDeclaration, opacity: number) {
    const range = document.createRange();
    const lines: { rect: DOMRect; text: string }[] = [];
    const upright = style.writingMode.startsWith('vertical');
    for (let i = 0; i < node.length; i++) {
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const rect = range.getBoundingClientRect();
      if (!rect.width && !rect.height) continue;
      const last = lines.at(-1);
      if (last && (upright ? Math.abs(last.rect.left - rect.left) < 2 : Math.abs(last.rect.top - rect.top) < 2)) last.text += node.data[i]!;
      else lines.push({ rect, text: node.data[i]! });
    }
    const clip = node.parentElement!.getBoundingClientRect();
    const size = Number.parseFloat(style.fontSize);
    for (const { rect, text } of lines) {
      if (rect.top > clip.bottom + 2 && style.overflow === 'hidden') continue;
      const shown = this.fit(node, text, clip, style);
      const font = `font-size="${size}" font-weight="${style.fontWeight}" ${this.paint.fill(style.color)}${opacity < 1 ? ` opacity="${round(opacity)}"` : ''}`;
      const x = rect.left - this.left, y = rect.top - this.top;
      if (upright) {
        const turned = style.transform !== 'none' || node.parentElement!.closest('.y-title');
        const cx = round(x + rect.width / 2 + (turned ? size * 0.36 : -size * 0.36));
        const whole = range;
        whole.selectNodeContents(node);
        const all = whole.getBoundingClientRect();
        this.parts.push(turned ? `<text transform="translate(${cx} ${round(all.bottom - this.top)}) rotate(-90)" ${font}>${escape(shown)}</text>` : `<text transform="translate(${cx} ${round(y)}) rotate(90)" ${font}>${escape(shown)}</text>`);
      } else this.parts.push(`<text x="${round(x)}" y="${round(y + rect.height / 2 + size * 0.36)}" ${font} xml:space="preserve">${escape(shown)}</text>`);
    }
  }
  /** What `text-overflow: ellipsis` leaves of a line. */
  private fit(node: Text, text: string, clip: DOMRect, style: CSSStyleDeclaration): string {
    if (style.textOverflow !== 'ellipsis' || style.whiteSpace !== 'nowrap') return text;
    const range = document.createRange();
    range.selectNodeContents(node);
    if (range.getBoundingClientRect().right <= clip.right + 1) return text;
    const room = clip.right - Number.parseFloat(style.fontSize);
    for (let end = node.length; end > 0; end--) {
      range.setEnd(node, end);
      if (range.getBoundingClientRect().right <= room) return `${node.data.slice(0, end).trimEnd()}…`;
    }
    return '…';
  }
  private svg(node: SVGSVGElement, opacity: number) {
    const rect = node.getBoundingClientRect();
    const copy = node.cloneNode(true) as SVGSVGElement;
    const sources = [node, ...node.querySelectorAll('*')], targets = [copy, ...copy.querySelectorAll('*')];
    sources.forEach((source, i) => {
      const style = getComputedStyle(source), target = targets[i]!;
      target.removeAttribute('class');
      target.removeAttribute('style');
      for (const name of ['fill', 'stroke'] as const) {
        const value = style[name];
        if (!value || value === 'none') target.setAttribute(name, 'none');
        else {
          const { colour, opacity: alpha } = this.paint.of(value === 'currentcolor' ? style.color : value);
          target.setAttribute(name, colour);
          if (alpha < 1) target.setAttribute(`${name}-opacity`, String(round(alpha)));
        }
      }
      if (style.paintOrder.startsWith('stroke')) target.setAttribute('paint-order', 'stroke');
      if (style.strokeDasharray !== 'none') target.setAttribute('stroke-dasharray', style.strokeDasharray);
      target.setAttribute('stroke-width', style.strokeWidth.replace('px', ''));
      if (style.opacity !== '1') target.setAttribute('opacity', style.opacity);
      if (source instanceof SVGTextContentElement) {
        target.setAttribute('font-size', style.fontSize.replace('px', ''));
        target.setAttribute('font-weight', style.fontWeight);
        target.setAttribute('text-anchor', style.textAnchor);
      }
      if (style.display === 'none' || source.matches('.no-print')) target.setAttribute('display', 'none');
    });
    copy.setAttribute('x', String(round(rect.left - this.left)));
    copy.setAttribute('y', String(round(rect.top - this.top)));
    copy.setAttribute('width', String(round(rect.width)));
    copy.setAttribute('height', String(round(rect.height)));
    if (opacity < 1) copy.setAttribute('opacity', String(opacity));
    this.parts.push(new XMLSerializer().serializeToString(copy));
  }
}

async function font_face(): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(inter)).arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 32768) text += String.fromCharCode(...bytes.subarray(i, i + 32768));
  return `@font-face{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,${btoa(text)}) format("woff2")}`;
}

/** The filters as a reader would repeat them. */
const filters_line = () => decodeURIComponent(join(view.query).replaceAll('&', ' · ').replaceAll('+', '%2B').replace(/%(?![0-9a-f]{2})/gi, '%25'));

export function figure_svg(element: HTMLElement, title: string, font = ''): { svg: string; width: number; height: number } {
  const body = element.matches('[data-figure-body]') ? element : (element.querySelector('[data-figure-body]') ?? element);
  const rect = body.getBoundingClientRect();
  const width = Math.ceil(rect.width) + 2 * margin, height = Math.ceil(rect.height) + head + foot + margin;
  const paint = new Paint();
  const drawing = new Drawing(paint, rect.left - margin, rect.top - head);
  drawing.element(body);
  const root = getComputedStyle(document.documentElement);
  const colour = (name: string) => paint.fill(root.getPropertyValue(name));
  const { snapshot } = mart.meta!;
  const stamp = [preferences.formats.day(snapshot.analysis_date), `${say('report.rules')} ${snapshot.rules_digest.slice(0, 12)}`, filters_line()].filter(Boolean).join(' · ');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="Inter, 'Helvetica Neue', Arial, sans-serif"><title>${escape(title)}</title><desc>${escape(stamp)}</desc>${font && `<style>${font}</style>`}<rect width="${width}" height="${height}" ${colour('--surface')}/><text x="${margin}" y="28" font-size="14" font-weight="600" ${colour('--ink')}>${escape(title)}</text>${drawing.parts.join('')}<text x="${margin}" y="${height - 12}" font-size="11" ${colour('--ink-3')}>${escape(stamp.length > width / 5.4 ? `${stamp.slice(0, Math.floor(width / 5.4))}…` : stamp)}</text></svg>`;
  return { svg, width, height };
}

function download(blob: Blob, name: string) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

const pixels_per_unit = 2;
export async function save_figure(element: HTMLElement, title: string, kind: 'svg' | 'png'): Promise<void> {
  const { svg, width, height } = figure_svg(element, title, kind === 'svg' ? await font_face() : '');
  const name = `${title.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '-').replace(/^-|-$/g, '').slice(0, 60) || 'figure'}_${mart.meta!.snapshot.analysis_date}.${kind}`;
  if (kind === 'svg') return download(new Blob([svg], { type: 'image/svg+xml' }), name);
  const canvas = Object.assign(document.createElement('canvas'), { width: width * pixels_per_unit, height: height * pixels_per_unit });
  const context = canvas.getContext('2d')!;
  context.scale(pixels_per_unit, pixels_per_unit);
  paint_svg(context, new DOMParser().parseFromString(svg, 'image/svg+xml').documentElement);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('no picture');
  download(blob, name);
}
