export type Line = { kind: 'same' | 'out' | 'in'; text: string };

/** What was taken out and put in, line by line: a longest common subsequence, so that the least is marked. */
export function diff_lines(before: string[], after: string[]): Line[] {
  const [m, n] = [before.length, after.length];
  const common = Array.from({ length: m + 1 }, () => new Uint32Array(n + 1));
  for (let i = m - 1; i >= 0; i--)
    for (let j = n - 1; j >= 0; j--) common[i]![j] = before[i] === after[j] ? common[i + 1]![j + 1]! + 1 : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
  const lines: Line[] = [];
  for (let i = 0, j = 0; i < m || j < n; ) {
    if (i < m && j < n && before[i] === after[j]) {
      lines.push({ kind: 'same', text: before[i]! });
      i++;
      j++;
    } else if (j >= n || (i < m && common[i + 1]![j]! >= common[i]![j + 1]!)) lines.push({ kind: 'out', text: before[i++]! });
    else lines.push({ kind: 'in', text: after[j++]! });
  }
  return lines;
}

/** The changes with `context` lines around them; null where lines are left out. */
export function hunks(lines: Line[], context = 2): (Line | null)[] {
  const near = lines.map((_, i) => lines.slice(Math.max(0, i - context), i + context + 1).some(({ kind }) => kind !== 'same'));
  return lines.flatMap((line, i) => (near[i] ? [line] : i === 0 || near[i - 1] ? [null] : []));
}
