/** The language of `when`: parsed, evaluated in three-valued logic, and turned into score ranges. */
export type Value = string | number | boolean | null;
export type Expression =
  | { kind: 'literal'; value: Value }
  | { kind: 'name'; name: string; at: number }
  | { kind: 'not'; operand: Expression }
  | { kind: 'and' | 'or'; left: Expression; right: Expression }
  | { kind: 'compare'; operator: Operator; left: Expression; right: Expression }
  | { kind: 'between'; operand: Expression; low: Expression; high: Expression }
  | { kind: 'in'; operand: Expression; items: Expression[] }
  | { kind: 'missing'; operand: Expression }
  | { kind: 'text'; test: 'starts_with' | 'contains'; operand: Expression; part: Expression };
type Operator = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** `unexpected` and `expected` name a word of the condition; `early` is its end, `unknown` a field that is none. */
export type FaultKind = 'unexpected' | 'expected' | 'early' | 'unknown';
/** What is wrong, and at which character (from 1). */
export class ConditionError extends Error {
  constructor(readonly kind: FaultKind, readonly column: number, readonly text = '') {
    super(`${kind} ${text} at ${column}`);
  }
}

type Token = { kind: 'number' | 'string' | 'name' | 'word' | 'symbol' | 'end'; text: string; at: number };
const words = new Set(['and', 'or', 'not', 'between', 'in', 'is', 'missing', 'true', 'false']);
const pattern = /\s*(?:(\d{4}-\d{2}-\d{2})|(-?\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|`([^`]+)`|([A-Za-z_][A-Za-z0-9_]*)|(!=|<=|>=|[=<>(),]))/y;

function tokens(text: string): Token[] {
  const found: Token[] = [];
  pattern.lastIndex = 0;
  for (;;) {
    const from = pattern.lastIndex;
    const match = pattern.exec(text);
    if (!match) {
      const rest = text.slice(from);
      const at = from + rest.length - rest.trimStart().length + 1;
      if (rest.trim()) throw new ConditionError('unexpected', at, rest.trim()[0]);
      found.push({ kind: 'end', text: '', at });
      return found;
    }
    const [whole, date, number, string, quoted, name, symbol] = match;
    const at = from + whole.length - whole.trimStart().length + 1;
    if (date !== undefined) found.push({ kind: 'string', text: date, at });
    else if (number !== undefined) found.push({ kind: 'number', text: number, at });
    else if (string !== undefined) found.push({ kind: 'string', text: string.replace(/\\(.)/g, '$1'), at });
    else if (quoted !== undefined) found.push({ kind: 'name', text: quoted, at });
    else if (name !== undefined) found.push({ kind: words.has(name) ? 'word' : 'name', text: name, at });
    else found.push({ kind: 'symbol', text: symbol!, at });
  }
}

export function parse(text: string): Expression {
  const list = tokens(text);
  let position = 0;
  const peek = () => list[position]!;
  const accept = (text: string) => {
    const token = peek();
    if ((token.kind !== 'symbol' && token.kind !== 'word') || token.text !== text) return false;
    position++;
    return true;
  };
  const expect = (text: string) => {
    if (!accept(text)) throw new ConditionError('expected', peek().at, text);
  };
  const disjunction = (): Expression => {
    let left = conjunction();
    while (accept('or')) left = { kind: 'or', left, right: conjunction() };
    return left;
  };
  const conjunction = (): Expression => {
    let left = negation();
    while (accept('and')) left = { kind: 'and', left, right: negation() };
    return left;
  };
  const negation = (): Expression => (accept('not') ? { kind: 'not', operand: negation() } : comparison());
  const comparison = (): Expression => {
    const left = primary();
    for (const operator of ['=', '!=', '<=', '>=', '<', '>'] as const)
      if (accept(operator)) return { kind: 'compare', operator, left, right: primary() };
    if (accept('between')) {
      const low = primary();
      expect('and');
      return { kind: 'between', operand: left, low, high: primary() };
    }
    if (accept('in')) {
      expect('(');
      const items = [primary()];
      while (accept(',')) items.push(primary());
      expect(')');
      return { kind: 'in', operand: left, items };
    }
    if (accept('is')) {
      expect('missing');
      return { kind: 'missing', operand: left };
    }
    return left;
  };
  const primary = (): Expression => {
    const token = peek();
    if (accept('(')) {
      const inner = disjunction();
      expect(')');
      return inner;
    }
    position++;
    if (token.kind === 'number') return { kind: 'literal', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'literal', value: token.text };
    if (token.kind === 'word' && (token.text === 'true' || token.text === 'false')) return { kind: 'literal', value: token.text === 'true' };
    if (token.kind === 'name') {
      if ((token.text === 'starts_with' || token.text === 'contains') && accept('(')) {
        const operand = primary();
        expect(',');
        const part = primary();
        expect(')');
        return { kind: 'text', test: token.text, operand, part };
      }
      return { kind: 'name', name: token.text, at: token.at };
    }
    throw new ConditionError(token.kind === 'end' ? 'early' : 'unexpected', token.at, token.text);
  };
  const whole = disjunction();
  if (peek().kind !== 'end') throw new ConditionError('unexpected', peek().at, peek().text);
  return whole;
}

export function names(expression: Expression, found: { name: string; at: number }[] = []) {
  switch (expression.kind) {
    case 'literal': break;
    case 'name': found.push(expression); break;
    case 'and': case 'or': case 'compare': names(expression.left, found); names(expression.right, found); break;
    case 'between': [expression.operand, expression.low, expression.high].forEach((each) => names(each, found)); break;
    case 'in': [expression.operand, ...expression.items].forEach((each) => names(each, found)); break;
    case 'text': [expression.operand, expression.part].forEach((each) => names(each, found)); break;
    default: names(expression.operand, found);
  }
  return found;
}

const scores = new Set(['r_score', 'f_score', 'm_score', 'rfm_total']);
export const on_scores_only = (expression: Expression) => names(expression).every(({ name }) => scores.has(name));

/** True, false, or null for unknown (Kleene). Numbers compare by value, text by code point. */
export function evaluate(expression: Expression, field: (name: string) => Value): Value {
  const of = (inner: Expression) => evaluate(inner, field);
  switch (expression.kind) {
    case 'literal': return expression.value;
    case 'name': return field(expression.name);
    case 'not': {
      const value = of(expression.operand);
      return value === null ? null : !value;
    }
    case 'and': {
      const left = of(expression.left), right = of(expression.right);
      return left === false || right === false ? false : left === null || right === null ? null : true;
    }
    case 'or': {
      const left = of(expression.left), right = of(expression.right);
      return left === true || right === true ? true : left === null || right === null ? null : false;
    }
    case 'missing': return of(expression.operand) === null;
    case 'compare': return compare(of(expression.left), expression.operator, of(expression.right));
    case 'between': {
      const value = of(expression.operand);
      const low = compare(value, '>=', of(expression.low)), high = compare(value, '<=', of(expression.high));
      return low === false || high === false ? false : low === null || high === null ? null : true;
    }
    case 'in': {
      const value = of(expression.operand);
      if (value === null) return null;
      return expression.items.some((item) => of(item) === value);
    }
    case 'text': {
      const value = of(expression.operand), part = of(expression.part);
      if (value === null || part === null) return null;
      return expression.test === 'contains' ? String(value).includes(String(part)) : String(value).startsWith(String(part));
    }
  }
}

function compare(left: Value, operator: Operator, right: Value): boolean | null {
  if (left === null || right === null) return null;
  switch (operator) {
    case '=': return left === right;
    case '!=': return left !== right;
    case '<': return left < right;
    case '<=': return left <= right;
    case '>': return left > right;
    case '>=': return left >= right;
  }
}

export type ScoreName = 'r_score' | 'f_score' | 'm_score';
export type Range = [from: number, to: number];
export type Box = Record<ScoreName, Range>;
export const score_names: ScoreName[] = ['r_score', 'f_score', 'm_score'];

/** The box of score cells that a plain conjunction of ranges describes, or null if it is anything else. */
export function box_of(expression: Expression, bins: Record<ScoreName, number>): Box | null {
  const box: Box = { r_score: [1, bins.r_score], f_score: [1, bins.f_score], m_score: [1, bins.m_score] };
  const narrow = (name: string, low: number, high: number) => {
    const range = box[name as ScoreName];
    if (!range) return false;
    range[0] = Math.max(range[0], low);
    range[1] = Math.min(range[1], high);
    return true;
  };
  const take = (part: Expression): boolean => {
    if (part.kind === 'and') return take(part.left) && take(part.right);
    if (part.kind === 'between' && part.operand.kind === 'name' && part.low.kind === 'literal' && part.high.kind === 'literal')
      return narrow(part.operand.name, Number(part.low.value), Number(part.high.value));
    if (part.kind === 'in' && part.operand.kind === 'name' && part.items.every((item) => item.kind === 'literal')) {
      const items = part.items.map((item) => Number((item as { value: Value }).value)).sort((a, b) => a - b);
      return items.every((item, i) => item === items[0]! + i) && narrow(part.operand.name, items[0]!, items.at(-1)!);
    }
    if (part.kind !== 'compare' || part.left.kind !== 'name' || part.right.kind !== 'literal') return false;
    const value = Number(part.right.value);
    switch (part.operator) {
      case '=': return narrow(part.left.name, value, value);
      case '>=': return narrow(part.left.name, Math.ceil(value), Infinity);
      case '<=': return narrow(part.left.name, -Infinity, Math.floor(value));
      case '>': return narrow(part.left.name, Math.floor(value) + 1, Infinity);
      case '<': return narrow(part.left.name, -Infinity, Math.ceil(value) - 1);
      case '!=': return false;
    }
  };
  return take(expression) && score_names.every((name) => box[name][0] <= box[name][1]) ? box : null;
}

/** The condition for a box, as one would write it. A box of everything is `r_score >= 1`. */
export function condition_of(box: Box, bins: Record<ScoreName, number>): string {
  const parts = score_names.flatMap((name) => {
    const [low, high] = box[name];
    if (low <= 1 && high >= bins[name]) return [];
    if (low === high) return [`${name} = ${low}`];
    if (high >= bins[name]) return [`${name} >= ${low}`];
    if (low <= 1) return [`${name} <= ${high}`];
    return [`${name} between ${low} and ${high}`];
  });
  return parts.join(' and ') || 'r_score >= 1';
}

/** A condition's parts that must all hold, as they are written; the whole where it is not a plain conjunction. */
export function parts_of(when: string): string[] {
  try {
    const flat = (expression: Expression): boolean => (expression.kind === 'and' ? flat(expression.left) && flat(expression.right) : expression.kind !== 'or' && expression.kind !== 'not');
    if (!flat(parse(when)) || /["'`(]/.test(when)) return [when];
  } catch {
    return [when];
  }
  // The `and` of `between a and b` belongs to its part.
  return when.split(/\s+and\s+/).reduce<string[]>((parts, part) => {
    const last = parts.at(-1);
    if (last !== undefined && /\bbetween\s+\S+$/.test(last)) parts[parts.length - 1] = `${last} and ${part}`;
    else parts.push(part);
    return parts;
  }, []);
}
