/** More changes than this are put right by sorting anew. */
const FEW = 64

/** A list that stays in order while what is in it changes, without being sorted anew each time. */
export interface SortedList<T> {
  /** Its place may be another one now, or it is new. */
  changed(item: T): void
  inOrder(): readonly T[]
}

/** `order` must be total: no two items are equal to it. */
export const createSortedList = <T>(items: readonly T[], order: (a: T, b: T) => number): SortedList<T> => {
  let list = [...items].sort(order)
  const changed = new Set<T>()

  const placeOf = (item: T): number => {
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const other = list[middle]
      if (other !== undefined && order(other, item) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  return {
    changed: (item) => void changed.add(item),
    inOrder() {
      if (changed.size === 0) return list
      const few = changed.size <= FEW
      list = list.filter((item) => !changed.has(item))
      if (few) for (const item of changed) list.splice(placeOf(item), 0, item)
      else list = [...list, ...changed].sort(order)
      changed.clear()
      return list
    },
  }
}
