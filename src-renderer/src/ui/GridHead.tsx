import clsx from 'clsx'
import { ArrowDown, ArrowUp } from 'lucide-react'
import { useEffect, useRef } from 'react'
import type { Column } from './GridRow'

export interface GridSort {
  /** The id of a column. */
  readonly by: string
  readonly descending: boolean
}

interface CheckAllProps {
  readonly state: 'none' | 'some' | 'all'
  readonly label: string
  readonly onToggle: () => void
}

/** All, some or none: a box with three states. */
function CheckAll({ state, label, onToggle }: CheckAllProps) {
  const box = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = state === 'some'
  }, [state])
  return (
    <input
      ref={box}
      type="checkbox"
      aria-label={label}
      checked={state === 'all'}
      onChange={onToggle}
      className="block accent-accent-solid"
    />
  )
}

export interface GridHeadProps<T> {
  readonly columns: readonly Column<T>[]
  readonly template: string
  readonly sort: GridSort | undefined
  readonly onSort: ((columnId: string) => void) | undefined
  readonly checkAll: CheckAllProps | null
}

/** Titles above a grid; those that can order the list are buttons. */
export function GridHead<T>({ columns, template, sort, onSort, checkAll }: GridHeadProps<T>) {
  return (
    <thead className="sticky top-0 z-10 block bg-panel">
      <tr
        aria-rowindex={1}
        className="grid h-8 items-center gap-3 border-b border-line px-4 text-left text-xs text-text-3"
        style={{ gridTemplateColumns: template }}
      >
        {checkAll !== null && (
          <th scope="col" className="font-normal">
            <CheckAll {...checkAll} />
          </th>
        )}
        {columns.map((column) => {
          const sorted = sort?.by === column.id
          const Arrow = sort?.descending === true ? ArrowDown : ArrowUp
          return (
            <th
              key={column.id}
              scope="col"
              {...(sorted ? { 'aria-sort': sort.descending ? 'descending' : 'ascending' } : {})}
              className={clsx('truncate font-normal', column.align === 'end' && 'text-right')}
            >
              {column.hideTitle === true ? (
                <span className="sr-only">{column.title}</span>
              ) : column.sortable === true && onSort !== undefined ? (
                <button
                  type="button"
                  onClick={() => onSort(column.id)}
                  className={clsx(
                    'inline-flex max-w-full items-center gap-1 rounded-sm outline-offset-[-2px] hover:text-text',
                    sorted && 'font-medium text-text',
                  )}
                >
                  <span className="truncate">{column.title}</span>
                  {sorted && <Arrow size={12} aria-hidden className="shrink-0" />}
                </button>
              ) : (
                column.title
              )}
            </th>
          )
        })}
      </tr>
    </thead>
  )
}
