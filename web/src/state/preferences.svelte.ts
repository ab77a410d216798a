import { make_formats } from '../text/format';
import { catalogues, english, type Catalogue, type Key, type ProgramWords } from '../text/catalogue';

export type Theme = 'system' | 'light' | 'dark';
export type Language = 'auto' | 'en' | 'de';
const saved = (key: string) => {
  try {
    return localStorage.getItem(`quintile.${key}`) ?? '';
  } catch {
    return '';
  }
};
const save = (key: string, value: string) => {
  try {
    localStorage.setItem(`quintile.${key}`, value);
  } catch {
    // Private windows may refuse; the choice then lasts as long as the page.
  }
};

/** What a person chose for this browser; none of it is in links. */
class Preferences {
  theme = $state<Theme>((['light', 'dark'].includes(saved('theme')) ? saved('theme') : 'system') as Theme);
  language = $state<Language>((['en', 'de'].includes(saved('language')) ? saved('language') : 'auto') as Language);
  single_keys = $state(saved('single_keys') !== 'off');
  separator = $state<'comma' | 'semicolon'>(saved('separator') === 'semicolon' ? 'semicolon' : 'comma');
  currency = $state('USD');
  private system_dark = $state(matchMedia('(prefers-color-scheme: dark)').matches);
  messages = $state.raw<Catalogue>(english.messages);
  program = $state.raw<ProgramWords | null>(english.program);

  readonly locale: string = $derived(
    this.language === 'auto' ? navigator.language : (navigator.languages.find((each) => each.startsWith(this.language)) ?? { en: 'en-US', de: 'de-DE' }[this.language]),
  );
  readonly formats = $derived(make_formats(this.locale, this.currency));
  readonly dark: boolean = $derived(this.theme === 'dark' || (this.theme === 'system' && this.system_dark));

  constructor() {
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', (event) => {
      this.system_dark = event.matches;
      this.paint();
    });
    this.paint();
    void this.speak();
  }
  choose_theme(theme: Theme) {
    this.theme = theme;
    save('theme', theme);
    this.paint();
  }
  async choose_language(language: Language) {
    this.language = language;
    save('language', language);
    await this.speak();
  }
  choose_single_keys(on: boolean) {
    this.single_keys = on;
    save('single_keys', on ? 'on' : 'off');
  }
  choose_separator(separator: 'comma' | 'semicolon') {
    this.separator = separator;
    save('separator', separator);
  }
  private paint() {
    document.documentElement.dataset.theme = this.dark ? 'dark' : 'light';
  }
  private async speak() {
    const language = this.locale.slice(0, 2);
    const load = catalogues[language];
    ({ messages: this.messages, program: this.program } = load ? await load() : english);
    document.documentElement.lang = load ? language : 'en';
  }
}
export const preferences = new Preferences();

/** The message in the reader's language; `{name}` stands for a parameter, `count` picks the plural. */
export function say(key: Key, parameters: Record<string, string | number> = {}): string {
  const { messages, locale } = preferences;
  let text: string = messages[key];
  if (typeof parameters.count === 'number') {
    const one = `${key}.one` as Key;
    if (messages[one] && new Intl.PluralRules(locale).select(parameters.count) === 'one') text = messages[one];
    parameters = { ...parameters, count: preferences.formats.integer(parameters.count) };
  }
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(parameters[name] ?? whole));
}
