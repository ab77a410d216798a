import type { Family } from '../api/schema';

/** In the order in which they are drawn: the best first. */
export const families: Family[] = ['core', 'growing', 'slipping', 'dormant'];
export const family_rank = (family: Family | undefined) => (family ? families.length - families.indexOf(family) : 0);
