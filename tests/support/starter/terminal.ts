/** A terminal of a fixed size that does what a redraw relies on: home, erase, colours, wrapping and scrolling. */
export class Terminal {
  readonly #columns: number;
  readonly #rows: number;
  #screen: string[][] = [];
  #row = 0;
  #column = 0;
  /** Lines that have left the screen at its top. */
  scrolled = 0;

  constructor(columns: number, rows: number) {
    this.#columns = columns;
    this.#rows = rows;
    this.#screen = Array.from({ length: rows }, () => []);
  }

  get lines(): string[] {
    return this.#screen.map((line) =>
      Array.from(line, (character) => character ?? ' ')
        .join('')
        .trimEnd(),
    );
  }

  write(text: string): void {
    for (const part of text.match(/\p{Cc}\[[0-9;]*[A-Za-z]|./gsu) ?? []) {
      if (part.length > 1) this.#control(part.at(-1) as string);
      else if (part === '\n') this.#newLine();
      else this.#put(part);
    }
  }

  #control(command: string): void {
    if (command === 'H') this.#home();
    else if (command === 'K') this.#screen[this.#row]?.splice(this.#column);
    else if (command === 'J') {
      this.#screen[this.#row]?.splice(this.#column);
      for (const line of this.#screen.slice(this.#row + 1)) line.length = 0;
    } else if (command !== 'm') throw new Error(`this terminal does not know ${command}`);
  }

  #home(): void {
    this.#row = 0;
    this.#column = 0;
  }

  #put(character: string): void {
    if (this.#column === this.#columns) this.#newLine();
    const line = this.#screen[this.#row] as string[];
    line[this.#column] = character;
    this.#column += 1;
  }

  #newLine(): void {
    this.#column = 0;
    if (this.#row < this.#rows - 1) this.#row += 1;
    else {
      this.#screen = [...this.#screen.slice(1), []];
      this.scrolled += 1;
    }
  }
}
