/**
 * What a field has told of itself and not heard back yet. Whoever keeps its text gives it back later; until then
 * somebody may have typed on, and an older text that comes back must not take the place of the newer one.
 */
export class Echoes {
  private waiting: string[] = [];

  told(text: string) {
    this.waiting.push(text);
  }

  /** Whether a text that is given is one that was told, and not another one. Those told before it are not waited for. */
  isEcho(text: string): boolean {
    const at = this.waiting.indexOf(text);
    this.waiting = at < 0 ? [] : this.waiting.slice(at + 1);
    return at >= 0;
  }

  /** Both sides have the same. */
  settle() {
    this.waiting = [];
  }
}
