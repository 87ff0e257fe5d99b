import { type ReactNode, useCallback } from 'react'
import type { Column } from './GridRow'
import { VirtualGrid } from './VirtualGrid'

export type { Column } from './GridRow'

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

/** So many rows before the end of those that are there, more are asked for. */
const BEFORE_END = 20

/** A list that is all there, of any length: a VirtualGrid whose rows are known by key. */
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
  const selectedIndex = selectedKey === null ? -1 : rows.findIndex((row) => rowKey(row) === selectedKey)
  const count = rows.length
  const onRange = useCallback(
    (_first: number, last: number) => {
      if (last >= count - BEFORE_END) onEnd?.()
    },
    [count, onEnd],
  )
  const act = (done: ((row: T) => void) | undefined) => (index: number) => {
    const row = rows[index]
    if (row !== undefined) done?.(row)
  }
  return (
    <VirtualGrid
      label={label}
      count={count}
      rowAt={(index) => rows[index]}
      rowKey={rowKey}
      columns={columns}
      currentIndex={selectedIndex}
      currentKey={selectedKey}
      onCurrent={act(onSelect)}
      onOpen={onOpen === undefined ? undefined : act(onOpen)}
      rowHeight={rowHeight}
      rowClass={rowClass}
      showHeader={showHeader}
      onRange={onRange}
      onTop={onTop}
      footer={footer}
    />
  )
}
