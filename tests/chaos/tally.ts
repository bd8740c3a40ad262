import type { Run } from './matrix.ts';

/** Counts runs as they come, and says what they prove. */
export class Tally {
  #runs = 0;
  #cutOff = 0;
  readonly #failures: string[] = [];

  add({ name, struck, wrong, cutOff }: Run): void {
    if (cutOff) this.#cutOff += 1;
    if (!struck && wrong === null) return;
    this.#runs += 1;
    if (wrong !== null) this.#failures.push(`${name}: ${wrong}`);
  }

  get failures(): readonly string[] {
    return this.#failures;
  }

  /**
   * With no failure in n runs, the share of failures is below 3/n with 95 % confidence (the rule of three); with
   * failures there is no such bound.
   */
  get summary(): string {
    const failed = this.#failures.length;
    const cutOff = this.#cutOff > 0 ? `, ${this.#cutOff} times not at every write` : '';
    const counted = `${this.#runs} runs, ${failed} failures${cutOff}`;
    if (failed > 0 || this.#runs === 0) return counted;
    return `${counted}; 95 % bound on failures: ${((300 / this.#runs) as number).toFixed(2)} %`;
  }
}
