import { useVirtualizer } from '@tanstack/react-virtual'
import clsx from 'clsx'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react'

export interface Column<T> {
  readonly id: string
  readonly title: string
  /** A CSS grid track: "8rem", "minmax(0,1fr)". */
  readonly track: string
  readonly align?: 'end'
  /** The title is spoken only. */
  readonly hideTitle?: boolean
  readonly cell: (row: T) => ReactNode
}

export interface VirtualTableProps<T> {
  readonly label: string
  readonly rows: readonly T[]
  readonly columns: readonly Column<T>[]
  readonly rowKey: (row: T) => string
  readonly selectedKey: string | null
  /** Moving with the keyboard or clicking. */
  readonly onSelect: (row: T) => void
  /** Enter or a double click; never decides anything. */
  readonly onOpen?: (row: T) => void
  readonly rowHeight?: number
  /** Further classes of a row, such as its band. */
  readonly rowClass?: (row: T) => string
  readonly showHeader?: boolean
  /** Called when the end of the loaded rows comes into view. */
  readonly onEnd?: () => void
  /** The first row came into view, or went out of it. */
  readonly onTop?: (atTop: boolean) => void
  readonly footer?: ReactNode
}

/** How far each key moves the selection. */
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

/** The table as one widget with one tab stop. */
const gridRole = { role: 'grid', tabIndex: 0 } as const

/** The keys of a row are those of the whole list: see onKeyDown of the table. */
const ignoreKey = () => undefined

/**
 * A list of any length: only what is in view exists. One tab stop; arrows or J and K move, Enter opens.
 * A real table for its meaning, laid out as blocks and grids so that rows can be placed freely.
 */
export function VirtualTable<T>({
  label,
  rows,
  columns,
  rowKey,
  selectedKey,
  onSelect,
  onOpen,
  rowHeight = 32,
  rowClass,
  showHeader = true,
  onEnd,
  onTop,
  footer,
}: VirtualTableProps<T>) {
  const scroller = useRef<HTMLDivElement>(null)
  const gridId = useId()
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 12,
  })
  // The virtualizer keeps the sizes it knows; another row height (a list that becomes compact) makes them old.
  const measuredPx = useRef(rowHeight)
  useLayoutEffect(() => {
    if (measuredPx.current === rowHeight) return
    measuredPx.current = rowHeight
    virtualizer.measure()
  }, [rowHeight, virtualizer])
  const selectedIndex = selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey)
  const items = virtualizer.getVirtualItems()
  const lastVisible = items.at(-1)?.index ?? 0
  const template = columns.map((column) => column.track).join(' ')

  // Another choice is brought into view; rows that come and go around it must not steal the place of the reader.
  const shownKey = useRef<string | null>(null)
  useEffect(() => {
    if (selectedKey === shownKey.current) return
    if (selectedKey !== null && selectedIndex < 0) return
    shownKey.current = selectedKey
    if (selectedIndex >= 0) virtualizer.scrollToIndex(selectedIndex, { align: 'auto' })
  }, [selectedKey, selectedIndex, virtualizer])

  useEffect(() => {
    if (rows.length > 0 && lastVisible >= rows.length - 20) onEnd?.()
  }, [lastVisible, rows.length, onEnd])

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || rows.length === 0) return
    if (event.key === 'Enter' && event.target === event.currentTarget) {
      const row = rows[selectedIndex]
      if (row !== undefined) onOpen?.(row)
      return
    }
    const move = MOVES[event.key]
    if (move === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const next = rows[Math.min(rows.length - 1, Math.max(0, selectedIndex + move))]
    if (next !== undefined) onSelect(next)
  }

  return (
    <div
      ref={scroller}
      onScroll={onTop === undefined ? undefined : (event) => onTop(event.currentTarget.scrollTop < rowHeight)}
      className="min-h-0 flex-1 overflow-auto"
    >
      <table
        aria-label={label}
        aria-rowcount={rows.length + (showHeader ? 1 : 0)}
        {...gridRole}
        {...(selectedIndex >= 0 ? { 'aria-activedescendant': `${gridId}-${selectedKey}` } : {})}
        onKeyDown={onKeyDown}
        className="block min-h-full outline-offset-[-2px]"
      >
        {showHeader && (
          <thead className="sticky top-0 z-10 block bg-panel">
            <tr
              aria-rowindex={1}
              className="grid h-8 items-center gap-3 border-b border-line px-4 text-left text-xs text-text-3"
              style={{ gridTemplateColumns: template }}
            >
              {columns.map((column) => (
                <th
                  key={column.id}
                  scope="col"
                  className={clsx('truncate font-normal', column.align === 'end' && 'text-right')}
                >
                  {column.hideTitle === true ? <span className="sr-only">{column.title}</span> : column.title}
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody className="relative block" style={{ height: virtualizer.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index]
            if (row === undefined) return null
            const key = rowKey(row)
            const selected = key === selectedKey
            return (
              <tr
                key={key}
                id={`${gridId}-${key}`}
                aria-rowindex={item.index + (showHeader ? 2 : 1)}
                aria-selected={selected}
                onClick={() => onSelect(row)}
                onDoubleClick={() => onOpen?.(row)}
                onKeyDown={ignoreKey}
                className={clsx(
                  'absolute inset-x-0 grid items-center gap-3 border-b border-line px-4 select-none',
                  selected ? 'bg-selected' : 'hover:bg-hover',
                  rowClass?.(row),
                )}
                style={{ height: rowHeight, transform: `translateY(${item.start}px)`, gridTemplateColumns: template }}
              >
                {columns.map((column) => (
                  <td key={column.id} className={clsx('min-w-0 truncate', column.align === 'end' && 'text-right')}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
      {footer}
    </div>
  )
}
