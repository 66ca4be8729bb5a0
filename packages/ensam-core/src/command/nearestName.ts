/**
 * Returns the candidate closest to a misspelt name, or undefined when none is near: at most a third of the
 * letters (and at least two) may differ. Ties go to the candidate that comes first.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Returns `; did you mean X?` or nothing: the tail of an error about an unknown name. */
export function suggestion(name: string, candidates: readonly string[], prefix = ""): string {
  const near = nearestName(name, candidates);
  return near === undefined ? "" : `; did you mean ${prefix}${near}?`;
}

/** Returns the fewest insertions, deletions and substitutions that turn `a` into `b` (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
