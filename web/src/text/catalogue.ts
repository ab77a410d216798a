import { en } from './en';

export type Key = keyof typeof en;
export type Catalogue = Record<Key, string>;
/** What the program says in English, told in another language: whole sentences by pattern, refusals by code, names of figures. */
export type ProgramWords = { sentences: [RegExp, string][]; refusals: Record<string, string>; names: Record<string, string> };
export type Language = { messages: Catalogue; program: ProgramWords | null };

export const english: Language = { messages: en, program: null };
/** Languages that are fetched when a reader wants them. */
export const catalogues: Record<string, () => Promise<Language>> = {
  de: async () => {
    const [{ de }, { de_program }] = await Promise.all([import('./de'), import('./de_program')]);
    return { messages: de, program: de_program };
  },
};
