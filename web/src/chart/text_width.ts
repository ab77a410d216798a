/** Classes of letters by their width in Inter, in parts of the type size; a little more than they take, so that what should fit does. */
const widths: [RegExp, number][] = [
  [/[iljI.,'’:;!|]/, 0.29],
  [/[tfr()\[\]\- ]/, 0.38],
  [/[mwMW@%—]/, 0.9],
  [/[A-Z0-9&+#$€£=<>]/, 0.68],
  [/[\u1100-\u11ff\u2e80-\ud7ff\uf900-\ufaff\uff00-\uffef]|\p{Extended_Pictographic}/u, 1.05],
];
const usual = 0.6;

/** About how many pixels `text` takes at a type size. */
export function text_width(text: string, size: number): number {
  let sum = 0;
  for (const letter of text) sum += widths.find(([letters]) => letters.test(letter))?.[1] ?? usual;
  return sum * size;
}

/** `text`, shortened at its end where it is wider than `room`. */
export function text_fitting(text: string, size: number, room: number): string {
  if (text_width(text, size) <= room) return text;
  let short = text;
  while (short && text_width(`${short}…`, size) > room) short = [...short].slice(0, -1).join('').trimEnd();
  return short && `${short}…`;
}
