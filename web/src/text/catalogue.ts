import { en } from './en';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
export const english: Catalogue = en;
/** Languages that are fetched when a reader wants them. */
export const catalogues: Record<string, () => Promise<Catalogue>> = { de: () => import('./de').then((module) => module.de) };
