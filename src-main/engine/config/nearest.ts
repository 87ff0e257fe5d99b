/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other; optimal string alignment. */
const distance = (from: string, to: string): number => {
  let before: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= to.length; column += 1) {
      const same = from.charAt(row - 1) === to.charAt(column - 1)
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      )
      const swapped = from.charAt(row - 1) === to.charAt(column - 2) && from.charAt(row - 2) === to.charAt(column - 1)
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (before[column - 2] ?? 0) + 1)
      current.push(best)
    }
    before = previous
    previous = current
  }
  return previous[to.length] ?? 0
}

/** The known word that was most likely meant, when one is near: at most a third of its letters differ. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  const asked = word.slice(0, 80).toLowerCase()
  const [best] = known
    .map((candidate) => ({ candidate, edits: distance(asked, candidate) }))
    .filter(({ candidate, edits }) => edits <= Math.max(1, Math.floor(candidate.length / 3)))
    .sort((a, b) => a.edits - b.edits)
  return best?.candidate ?? null
}
