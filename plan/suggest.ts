/** Levenshtein distance: how many letters must be added, removed or replaced. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j += 1) {
      const replaced = (row[j] ?? 0) + (b[j] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** The known word that was probably meant, or null when none is near. */
export function nearest(word: string, known: readonly string[]): string | null {
  // Two letters may have changed places even in a short word.
  const limit = word.length < 4 ? 1 : Math.max(2, Math.floor(word.length / 3));
  const [best] = known
    .filter((candidate) => Math.abs(candidate.length - word.length) <= limit)
    .map((candidate) => ({ candidate, far: distance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ far }) => far <= limit)
    .sort((a, b) => a.far - b.far);
  return best?.candidate ?? null;
}

/** `did you mean "x"?`, or the words that are known here. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  if (meant !== null) return `did you mean "${meant}"?`;
  return known.length === 0 ? 'none is known here' : `known here: ${[...new Set(known)].join(', ')}`;
}
