/** A line-by-line comparison of two texts, as rows for two columns. */
export interface DiffSide {
  readonly line: number
  readonly text: string
  /** The part that differs from the line opposite, [from, to); null when the whole line is new or gone. */
  readonly changed: readonly [number, number] | null
}

export interface DiffRow {
  readonly kind: 'same' | 'changed' | 'removed' | 'added'
  readonly left: DiffSide | null
  readonly right: DiffSide | null
}

/** Above this many cells the table is not built; the middle is then shown as one replaced block. */
const MAX_CELLS = 4_000_000

type Step = 'same' | 'removed' | 'added'

/** Longest common subsequence of the lines between the common head and tail. */
const steps = (left: readonly string[], right: readonly string[]): Step[] => {
  if (left.length * right.length > MAX_CELLS) {
    return [...left.map((): Step => 'removed'), ...right.map((): Step => 'added')]
  }
  const width = right.length + 1
  const length = new Uint32Array((left.length + 1) * width)
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      length[i * width + j] =
        left[i] === right[j]
          ? (length[(i + 1) * width + j + 1] ?? 0) + 1
          : Math.max(length[(i + 1) * width + j] ?? 0, length[i * width + j + 1] ?? 0)
    }
  }
  const found: Step[] = []
  let i = 0
  let j = 0
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      found.push('same')
      i += 1
      j += 1
    } else if (
      j >= right.length ||
      (i < left.length && (length[(i + 1) * width + j] ?? 0) >= (length[i * width + j + 1] ?? 0))
    ) {
      found.push('removed')
      i += 1
    } else {
      found.push('added')
      j += 1
    }
  }
  return found
}

const changedRange = (mine: string, other: string): readonly [number, number] => {
  let head = 0
  while (head < mine.length && head < other.length && mine[head] === other[head]) head += 1
  let tail = 0
  while (
    tail < mine.length - head &&
    tail < other.length - head &&
    mine[mine.length - 1 - tail] === other[other.length - 1 - tail]
  )
    tail += 1
  return [head, mine.length - tail]
}

/** Pair up a block of removed lines with the block of added lines that follows it. */
const pairBlock = (removed: readonly DiffSide[], added: readonly DiffSide[]): DiffRow[] => {
  const rows: DiffRow[] = []
  for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
    const left = removed[index]
    const right = added[index]
    if (left !== undefined && right !== undefined) {
      rows.push({
        kind: 'changed',
        left: { ...left, changed: changedRange(left.text, right.text) },
        right: { ...right, changed: changedRange(right.text, left.text) },
      })
    } else if (left !== undefined) rows.push({ kind: 'removed', left, right: null })
    else if (right !== undefined) rows.push({ kind: 'added', left: null, right })
  }
  return rows
}

/** Compare two texts line by line. Lines are numbered from 1. */
export const diffLines = (leftText: string, rightText: string): readonly DiffRow[] => {
  const left = leftText.split('\n')
  const right = rightText.split('\n')
  let head = 0
  while (head < left.length && head < right.length && left[head] === right[head]) head += 1
  let tail = 0
  while (
    tail < left.length - head &&
    tail < right.length - head &&
    left[left.length - 1 - tail] === right[right.length - 1 - tail]
  )
    tail += 1
  const middle = steps(left.slice(head, left.length - tail), right.slice(head, right.length - tail))
  const all: Step[] = [
    ...Array.from({ length: head }, (): Step => 'same'),
    ...middle,
    ...Array.from({ length: tail }, (): Step => 'same'),
  ]

  const rows: DiffRow[] = []
  let removed: DiffSide[] = []
  let added: DiffSide[] = []
  let i = 0
  let j = 0
  const flush = () => {
    rows.push(...pairBlock(removed, added))
    removed = []
    added = []
  }
  for (const step of all) {
    if (step === 'same') {
      flush()
      rows.push({
        kind: 'same',
        left: { line: i + 1, text: left[i] ?? '', changed: null },
        right: { line: j + 1, text: right[j] ?? '', changed: null },
      })
      i += 1
      j += 1
    } else if (step === 'removed') {
      removed.push({ line: i + 1, text: left[i] ?? '', changed: null })
      i += 1
    } else {
      added.push({ line: j + 1, text: right[j] ?? '', changed: null })
      j += 1
    }
  }
  flush()
  return rows
}
