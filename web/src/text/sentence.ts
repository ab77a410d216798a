/** A clause as a sentence of its own: a capital first, a full stop last. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed && trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? '' : '.');
}
