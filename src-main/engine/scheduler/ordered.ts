/** A list that stays sorted. Items that compare equal are the same item. */
export interface Ordered<T> {
  readonly size: number
  add(item: T): void
  /** False when it was not there. The item must still compare as it did when it was added. */
  remove(item: T): boolean
  first(): T | undefined
  /** How many items come before the point where `isBefore` turns false. It must be true, then false, along the order. */
  countWhile(isBefore: (item: T) => boolean): number
  /** The items from this position on; the list must not change meanwhile. */
  from(index: number): Generator<T, void>
}

/** Items in one chunk: adding or removing one moves at most so many pointers. */
const CHUNK = 512

/**
 * Sorted chunks of at most 512 items: adding, removing and finding are two binary searches and one short move, taking the
 * first is constant, and a position can be reached without walking over every item before it. A heap has none of the
 * last, and pages of the queue need it.
 */
export const createOrdered = <T>(compare: (a: T, b: T) => number): Ordered<T> => {
  const chunks: T[][] = []
  let size = 0

  /** The first chunk whose last item does not come before this one; the number of chunks when there is none. */
  const chunkFor = (isBefore: (item: T) => boolean): number => {
    let low = 0
    let high = chunks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const last = chunks[middle]?.at(-1)
      if (last !== undefined && isBefore(last)) low = middle + 1
      else high = middle
    }
    return low
  }

  const within = (chunk: readonly T[], isBefore: (item: T) => boolean): number => {
    let low = 0
    let high = chunk.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const item = chunk[middle]
      if (item !== undefined && isBefore(item)) low = middle + 1
      else high = middle
    }
    return low
  }

  const split = (index: number, chunk: T[]): void => {
    if (chunk.length <= CHUNK) return
    // Most items are added at the end: a full chunk there is left full, so that chunks do not stay half empty.
    const isLast = index === chunks.length - 1
    chunks.splice(index + 1, 0, chunk.splice(isLast ? CHUNK : CHUNK / 2))
  }

  return {
    get size() {
      return size
    },
    add(item) {
      const isBefore = (other: T): boolean => compare(other, item) < 0
      const index = Math.min(chunkFor(isBefore), Math.max(0, chunks.length - 1))
      const chunk = chunks[index]
      size += 1
      if (chunk === undefined) {
        chunks.push([item])
        return
      }
      chunk.splice(within(chunk, isBefore), 0, item)
      split(index, chunk)
    },
    remove(item) {
      const isBefore = (other: T): boolean => compare(other, item) < 0
      const index = chunkFor(isBefore)
      const chunk = chunks[index]
      if (chunk === undefined) return false
      const at = within(chunk, isBefore)
      if (chunk[at] !== item) return false
      if (at === 0) chunk.shift()
      else chunk.splice(at, 1)
      if (chunk.length === 0) chunks.splice(index, 1)
      size -= 1
      return true
    },
    first: () => chunks[0]?.[0],
    countWhile(isBefore) {
      const index = chunkFor(isBefore)
      let count = 0
      for (let at = 0; at < index; at += 1) count += chunks[at]?.length ?? 0
      const chunk = chunks[index]
      return chunk === undefined ? count : count + within(chunk, isBefore)
    },
    *from(index) {
      let skip = index
      for (const chunk of chunks) {
        if (skip >= chunk.length) skip -= chunk.length
        else {
          for (let at = skip; at < chunk.length; at += 1) {
            const item = chunk[at]
            if (item !== undefined) yield item
          }
          skip = 0
        }
      }
    },
  }
}
