import type { MessageHeader } from '@contract'

export interface MessageList {
  /** Newest first. The same array until something changes. */
  readonly rows: () => readonly MessageHeader[]
  /** Rows that are older than all that are here, newest first. */
  readonly addOlder: (headers: readonly MessageHeader[]) => void
  /**
   * Messages as they are sent and as they change. One that is here is renewed where it stands, even when it no longer
   * fits the filter: nothing vanishes under the reader's eyes. Others come in at their place when `keep` takes them.
   */
  readonly addLive: (headers: readonly MessageHeader[]) => void
  /** Older rows were let go because of the cap, so the list no longer reaches back as far as was looked. */
  readonly trimmed: () => boolean
}

export interface MessageListOptions {
  readonly keep: (header: MessageHeader) => boolean
  /** The most rows that are kept; the oldest go first. */
  readonly cap: number
  /** True when older messages exist that were not looked at yet: they come by scrolling, not by a change. */
  readonly hasOlder: () => boolean
}

/** A row that can be renewed without finding its place. */
interface Box {
  header: MessageHeader
}

/** Positive when `a` stands below `b`: it was sent earlier. Ids carry their order within one millisecond. */
const below = (a: MessageHeader, b: MessageHeader): number =>
  b.sentAtMs - a.sentAtMs || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)

/** The rows of the list: pages below, what is new above, each message once. */
export const createMessageList = ({ keep, cap, hasOlder }: MessageListOptions): MessageList => {
  let boxes: Box[] = []
  const byId = new Map<string, Box>()
  let rows: readonly MessageHeader[] | null = []
  let trimmed = false

  const boxOf = (header: MessageHeader): Box => {
    const box = { header }
    byId.set(header.id, box)
    return box
  }

  /** Where it belongs: the first place whose row stands below it. */
  const placeOf = (header: MessageHeader): number => {
    let low = 0
    let high = boxes.length
    while (low < high) {
      const middle = (low + high) >> 1
      const at = boxes[middle]
      if (at !== undefined && below(header, at.header) > 0) low = middle + 1
      else high = middle
    }
    return low
  }

  const trim = () => {
    if (boxes.length <= cap) return
    for (const { header } of boxes.splice(cap)) byId.delete(header.id)
    trimmed = true
  }

  return {
    rows: () => {
      rows ??= boxes.map(({ header }) => header)
      return rows
    },
    addOlder(headers) {
      const fresh = headers.filter(({ id }) => !byId.has(id))
      if (fresh.length === 0) return
      for (const header of fresh) boxes.push(boxOf(header))
      trim()
      rows = null
    },
    addLive(headers) {
      const fresh: MessageHeader[] = []
      const seen = new Map<string, number>()
      for (const header of headers) {
        const box = byId.get(header.id)
        if (box !== undefined) box.header = header
        else {
          // Several changes of one message in one batch: the last one counts.
          const at = seen.get(header.id)
          if (at === undefined) {
            seen.set(header.id, fresh.length)
            fresh.push(header)
          } else fresh[at] = header
        }
      }
      const added = fresh.filter(keep).sort(below)
      const oldest = boxes.at(-1)
      const isAbove = (header: MessageHeader) =>
        !(hasOlder() || trimmed) || oldest === undefined || below(oldest.header, header) > 0
      const fitting = added.filter(isAbove)
      const newest = boxes[0]
      const head = newest === undefined ? fitting : fitting.filter((header) => below(newest.header, header) > 0)
      for (const header of fitting.slice(head.length)) boxes.splice(placeOf(header), 0, boxOf(header))
      if (head.length > 0) boxes = [...head.map(boxOf), ...boxes]
      trim()
      rows = null
    },
    trimmed: () => trimmed,
  }
}
