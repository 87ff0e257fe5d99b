import { useVirtualizer } from '@tanstack/react-virtual'
import {
  type KeyboardEvent,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react'
import { GridHead, type GridSort } from './GridHead'
import { type Column, GridRow, type RowActs } from './GridRow'

/** What can be done with the choice of several rows. Indexes are places in the list. */
export interface GridSelection<T> {
  readonly has: (row: T) => boolean
  readonly state: 'none' | 'some' | 'all'
  readonly rowLabel: (row: T) => string
  readonly allLabel: string
  /** Put one row in or take it out; later ranges begin there. */
  readonly toggle: (index: number) => void
  /** Choose from where the last choice began to here. */
  readonly extend: (index: number) => void
  /** Everything that the list holds, seen or not; or nothing when everything is chosen. */
  readonly toggleAll: () => void
}

export interface VirtualGridProps<T> {
  readonly label: string
  readonly count: number
  /** Undefined where the row is not here yet; its place is held. */
  readonly rowAt: (index: number) => T | undefined
  readonly rowKey: (row: T) => string
  readonly columns: readonly Column<T>[]
  /** The row that the keys start from; -1 for none. */
  readonly currentIndex: number
  /** What makes the current row another one; it is brought into view when this changes. */
  readonly currentKey: string | null
  readonly onCurrent: (index: number, by: 'key' | 'pointer') => void
  /** Enter or a double click; never decides anything. */
  readonly onOpen?: ((index: number) => void) | undefined
  readonly rowHeight: number
  readonly rowClass?: ((row: T) => string) | undefined
  readonly showHeader: boolean
  readonly sort?: GridSort
  readonly onSort?: (columnId: string) => void
  readonly selection?: GridSelection<T>
  /** First and last row that are drawn. */
  readonly onRange?: (first: number, last: number) => void
  /** Another list begins at its top. */
  readonly listKey?: string
  readonly onTop?: ((atTop: boolean) => void) | undefined
  readonly footer?: ReactNode
}

/** How far each key moves. */
const MOVES: Record<string, number> = {
  ArrowDown: 1,
  j: 1,
  ArrowUp: -1,
  k: -1,
  PageDown: 12,
  PageUp: -12,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
}

const OVERSCAN = 12

/** The ring of the focus stands around what is in view, above the rows: around the whole list it would not be seen. */
const FRAME =
  "relative flex min-h-0 flex-1 flex-col has-[table:focus-visible]:after:pointer-events-none has-[table:focus-visible]:after:absolute has-[table:focus-visible]:after:inset-0 has-[table:focus-visible]:after:z-20 has-[table:focus-visible]:after:border-2 has-[table:focus-visible]:after:border-accent has-[table:focus-visible]:after:content-['']"

/** The table as one widget with one tab stop. */
const gridRole = { role: 'grid', tabIndex: 0 } as const

/**
 * A list of any length by place: only what is in view exists, and rows may still be on their way. One tab stop; arrows
 * or J and K move, Enter opens, Space and Shift choose. A real table for its meaning, laid out as blocks and grids so
 * that rows can be placed freely.
 */
export function VirtualGrid<T>(props: VirtualGridProps<T>) {
  const { label, count, rowAt, rowKey, columns, currentIndex, currentKey, rowHeight, rowClass, showHeader } = props
  const { selection, sort, onSort, onRange, onTop, listKey, footer } = props
  const scroller = useRef<HTMLDivElement>(null)
  const grid = useRef<HTMLTableElement>(null)
  const gridId = useId()
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
  })
  // The virtualizer keeps the sizes it knows; another row height (a list that becomes compact) makes them old.
  const measuredPx = useRef(rowHeight)
  useLayoutEffect(() => {
    if (measuredPx.current === rowHeight) return
    measuredPx.current = rowHeight
    virtualizer.measure()
  }, [rowHeight, virtualizer])

  const latest = useRef(props)
  useEffect(() => {
    latest.current = props
  })
  const acts = useMemo<RowActs>(
    () => ({
      onClick: (index: number, event: MouseEvent) => {
        const { selection: choice, onCurrent } = latest.current
        if (choice !== undefined && event.shiftKey) choice.extend(index)
        else if (choice !== undefined && (event.ctrlKey || event.metaKey)) choice.toggle(index)
        else onCurrent(index, 'pointer')
      },
      onDoubleClick: (index: number) => latest.current.onOpen?.(index),
      onCheck: (index: number, event: MouseEvent) => {
        grid.current?.focus({ preventScroll: true })
        if (event.shiftKey) latest.current.selection?.extend(index)
        else latest.current.selection?.toggle(index)
      },
    }),
    [],
  )

  const items = virtualizer.getVirtualItems()
  const firstDrawn = items[0]?.index ?? 0
  const lastDrawn = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (count > 0) onRange?.(firstDrawn, lastDrawn)
  }, [firstDrawn, lastDrawn, count, onRange])

  // Another choice is brought into view; rows that come and go around it must not steal the place of the reader.
  const shownKey = useRef<string | null>(null)
  useEffect(() => {
    if (currentKey === shownKey.current) return
    if (currentKey !== null && currentIndex < 0) return
    shownKey.current = currentKey
    if (currentIndex >= 0) virtualizer.scrollToIndex(currentIndex, { align: 'auto' })
  }, [currentKey, currentIndex, virtualizer])

  const shownList = useRef(listKey)
  useEffect(() => {
    if (shownList.current === listKey) return
    shownList.current = listKey
    virtualizer.scrollToOffset(0)
  }, [listKey, virtualizer])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || count === 0) return
    const onGrid = event.target === event.currentTarget
    if (event.key === 'Enter' && onGrid && !event.shiftKey) {
      if (currentIndex >= 0) props.onOpen?.(currentIndex)
      return
    }
    if (event.key === ' ' && onGrid && selection !== undefined) {
      event.preventDefault()
      if (currentIndex >= 0) selection.toggle(currentIndex)
      return
    }
    const move = MOVES[event.key]
    if (move === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const next = Math.min(count - 1, Math.max(0, currentIndex + move))
    if (event.shiftKey && selection !== undefined) selection.extend(next)
    props.onCurrent(next, 'key')
  }

  const tracks = columns.map((column) => column.track).join(' ')
  const template = selection === undefined ? tracks : `1rem ${tracks}`
  const rowIdOf = (index: number) => `${gridId}-${index}`
  const drawn = currentIndex >= firstDrawn && currentIndex <= lastDrawn && currentIndex >= 0
  const seen = new Set<string>()

  return (
    <div className={FRAME}>
      <div
        ref={scroller}
        onScroll={onTop === undefined ? undefined : (event) => onTop(event.currentTarget.scrollTop < rowHeight)}
        className="min-h-0 flex-1 overflow-auto"
      >
        <table
          ref={grid}
          aria-label={label}
          aria-rowcount={count + (showHeader ? 1 : 0)}
          {...gridRole}
          {...(selection === undefined ? {} : { 'aria-multiselectable': true })}
          {...(drawn ? { 'aria-activedescendant': rowIdOf(currentIndex) } : {})}
          onKeyDown={onKeyDown}
          className="block min-h-full outline-none"
        >
          {showHeader && (
            <GridHead
              columns={columns}
              template={template}
              sort={sort}
              onSort={onSort}
              checkAll={
                selection === undefined
                  ? null
                  : { state: selection.state, label: selection.allLabel, onToggle: selection.toggleAll }
              }
            />
          )}
          <tbody className="relative block" style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              if (item.index >= count) return null
              const row = rowAt(item.index)
              const known = row === undefined ? null : rowKey(row)
              // While two parts of a list are read one after the other, a row can be in both for a moment.
              const key = known === null || seen.has(known) ? `place ${item.index}` : known
              seen.add(key)
              return (
                <GridRow
                  key={key}
                  row={row}
                  index={item.index}
                  id={rowIdOf(item.index)}
                  ariaRowIndex={item.index + (showHeader ? 2 : 1)}
                  topPx={item.start}
                  heightPx={rowHeight}
                  template={template}
                  columns={columns}
                  current={item.index === currentIndex}
                  chosen={selection === undefined ? null : row !== undefined && selection.has(row)}
                  chooseLabel={selection === undefined || row === undefined ? '' : selection.rowLabel(row)}
                  className={row === undefined ? undefined : rowClass?.(row)}
                  acts={acts}
                />
              )
            })}
          </tbody>
        </table>
        {footer}
      </div>
    </div>
  )
}
