import { label_of } from '../model/label';
import { preferences, say } from '../state/preferences.svelte';
import type { Key } from './catalogue';

/** A check's name in the reader's language; the plan's own as they are called there. */
export function check_name(check: string): string {
  const key = `check.${check}`;
  return Object.hasOwn(preferences.messages, key) ? say(key as Key) : label_of(check);
}
