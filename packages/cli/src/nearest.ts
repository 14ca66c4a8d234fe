/**
 * The candidate that `word` most likely was meant to be: the fewest letters to change, and no more than a third of them.
 * Case does not count.
 */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3))
  let best: { readonly candidate: string; readonly distance: number } | undefined
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase())
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance }
  }
  return best?.candidate
}

/** Levenshtein's distance. */
function editDistance(left: string, right: string): number {
  const others = Array.from(right)
  /** Distances of what has been read of `left` to each beginning of `right`. */
  let row = others.map((_letter, index) => index + 1)
  let distance = others.length
  for (const [i, letter] of Array.from(left).entries()) {
    let diagonal = i
    distance = i + 1
    row = row.map((above, j) => {
      distance = Math.min(distance + 1, above + 1, diagonal + (letter === others[j] ? 0 : 1))
      diagonal = above
      return distance
    })
  }
  return distance
}
