/** An inclusive range of ids. */
export type IdRange = [first: number, last: number];

/** A set of ids that are nearly in order and nearly without gaps, kept as ranges. */
export class IdRanges {
  readonly #ranges: IdRange[] = [];

  add(id: number): void {
    const ranges = this.#ranges;
    let at = ranges.length;
    // New ids are nearly always the highest, so the search starts at the end.
    while (at > 0 && (ranges[at - 1] as IdRange)[0] > id) at--;
    const below = ranges[at - 1];
    const above = ranges[at];
    if (below !== undefined && id <= below[1]) return;
    const joinsBelow = below !== undefined && below[1] === id - 1;
    const joinsAbove = above !== undefined && above[0] === id + 1;
    if (joinsBelow && joinsAbove) ranges.splice(at - 1, 2, [below[0], above[1]]);
    else if (joinsBelow) below[1] = id;
    else if (joinsAbove) above[0] = id;
    else ranges.splice(at, 0, [id, id]);
  }

  /** Ascending, apart from each other. */
  list(): IdRange[] {
    return this.#ranges.map(([first, last]) => [first, last]);
  }
}
