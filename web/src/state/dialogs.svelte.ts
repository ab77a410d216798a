import type { Words } from '../text/program';

/** Which dialog is open, and the line that says what has just been done. */
class Dialogs {
  help = $state(false);
  audience = $state(false);
  palette = $state(false);
  toast = $state.raw<Words[]>([]);
  private timer: ReturnType<typeof setTimeout> | undefined;
  tell(...words: (string | Words)[]) {
    this.toast = words.map((each) => (typeof each === 'string' ? { text: each } : each));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.toast = []), 3200);
  }
}
export const dialogs = new Dialogs();
