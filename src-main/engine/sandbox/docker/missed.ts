const NEWLINE = '\n'
/** So many lines before the last one have to be the same where a line stands in the log more than once. */
const CONTEXT_LINES = 8

/** What was handed on of one stream of a container. */
export interface Taken {
  /** All bytes, from the start of the program. */
  readonly bytes: number
  /** The last of them. */
  readonly tail: Buffer
}

/** Lines with their line breaks, and where each ends; what follows the last line break is no line yet. */
const linesOf = (text: string): { readonly lines: readonly string[]; readonly ends: readonly number[] } => {
  const lines: string[] = []
  const ends: number[] = []
  for (let start = 0; ; ) {
    const end = text.indexOf(NEWLINE, start)
    if (end === -1) return { lines, ends }
    lines.push(text.slice(start, end + 1))
    ends.push(end + 1)
    start = end + 1
  }
}

/** Whether the lines that end at both places are the same, as far back as both go. */
const isSameUpTo = (log: readonly string[], at: number, own: readonly string[], last: number): boolean => {
  const depth = Math.min(CONTEXT_LINES, at + 1, last + 1)
  for (let back = 0; back < depth; back += 1) if (log[at - back] !== own[last - back]) return false
  return true
}

/**
 * Where in the log of one stream the part begins that was not handed on. The log and what was handed on come from the same
 * program, but a daemon that is killed may have handed on what it had not logged yet, or logged what it had not handed on;
 * and of a long log the beginning is gone. So the two are laid over one another by their lines: the last line that both have
 * is looked for, from the newest on. Lines of the protocol differ by their ids. Equal lines of a program's own words can be
 * mistaken for one another only where the log has lost its beginning.
 *
 * @returns an offset into `log`
 */
export const missedFrom = (log: Buffer, taken: Taken): number => {
  if (taken.bytes === 0) return 0
  const isWhole = taken.tail.length === taken.bytes
  if (isWhole && log.subarray(0, taken.tail.length).equals(taken.tail)) return taken.tail.length
  // One character for each byte.
  const text = log.toString('latin1')
  const own = taken.tail.toString('latin1')
  const { lines, ends } = linesOf(text)
  const mine = linesOf(own)
  // Of a tail that was cut, the first line may be the rest of one.
  const first = isWhole ? 0 : 1
  const places = new Map<string, number[]>()
  lines.forEach((line, index) => {
    const earlier = places.get(line)
    if (earlier === undefined) places.set(line, [index])
    else earlier.push(index)
  })
  const known = mine.lines.slice(first)
  for (let last = known.length - 1; last >= 0; last -= 1) {
    const at = places.get(known[last] ?? '')?.findLast((index) => isSameUpTo(lines, index, known, last))
    if (at === undefined) continue
    const end = ends[at] ?? 0
    const begun = last === known.length - 1 ? own.slice(mine.ends.at(-1) ?? 0) : ''
    return end + sharedStart(text.slice(end), begun)
  }
  const begun = mine.lines.length === 0 ? own : ''
  return isWhole ? sharedStart(text, begun) : 0
}

/** How much of a line that was begun the log has too: all of it, or all that there is of the log; else nothing. */
const sharedStart = (text: string, begun: string): number => {
  if (text.startsWith(begun)) return begun.length
  return begun.startsWith(text) ? text.length : 0
}
