/** Which dialog is open, and the line that says what has just been done. */
class Dialogs {
  help = $state(false);
  audience = $state(false);
  toast = $state('');
  private timer: ReturnType<typeof setTimeout> | undefined;
  tell(text: string) {
    this.toast = text;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.toast = ''), 3200);
  }
}
export const dialogs = new Dialogs();
