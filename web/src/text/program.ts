import type { Failure } from '../api/client';
import { label_of } from '../model/label';
import { preferences, say } from '../state/preferences.svelte';
import { sentence } from './sentence';

/** Words for the page; `lang` where they stay in the program's language, which is English. */
export type Words = { text: string; lang?: 'en' };

/** A sentence of the program's, in the reader's language where the catalogue knows it. */
export function program_sentence(text: string): Words {
  if (!preferences.program) return { text: sentence(text) };
  for (const [pattern, words] of preferences.program.sentences) {
    const found = pattern.exec(text);
    if (found) return { text: sentence(words.replace(/\{(\d)\}/g, (_, group: string) => found[Number(group)] ?? '')) };
  }
  return { text: sentence(text), lang: 'en' };
}

/** The name of a figure in evidence or details: `customers_with`, `groups: collision`. */
export function program_name(name: string): Words {
  const known = preferences.program?.names;
  if (!known) return { text: label_of(name) };
  const parts = name.split(': ');
  return parts.every((part) => Object.hasOwn(known, part)) ? { text: parts.map((part) => known[part]).join(': ') } : { text: label_of(name), lang: 'en' };
}

/** Why something failed: the refusal by its code, and the server's own words where they say more. */
export function failure_words({ status, problem }: Failure): Words[] {
  if (!problem) return [{ text: status === 0 ? say('error.unreachable') : say('error.status', { status }) }];
  const said = program_sentence(problem.detail), refusals = preferences.program?.refusals;
  return said.lang && refusals && Object.hasOwn(refusals, problem.code) ? [{ text: refusals[problem.code]! }, said] : [said];
}
