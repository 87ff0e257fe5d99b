import clsx from 'clsx'
import { type MouseEvent, memo, type ReactNode } from 'react'

export interface Column<T> {
  readonly id: string
  readonly title: string
  /** A CSS grid track: "8rem", "minmax(0,1fr)". */
  readonly track: string
  readonly align?: 'end'
  /** The title is spoken only. */
  readonly hideTitle?: boolean
  /** The list can be put in the order of this column. */
  readonly sortable?: boolean
  readonly cell: (row: T) => ReactNode
}

/** The way from a row to the list; it stays the same object, so that rows are drawn again only when they change. */
export interface RowActs {
  readonly onClick: (index: number, event: MouseEvent) => void
  readonly onDoubleClick: (index: number) => void
  readonly onCheck: (index: number, event: MouseEvent) => void
}

export interface GridRowProps<T> {
  /** Not here yet when undefined: its place is held. */
  readonly row: T | undefined
  readonly index: number
  readonly id: string
  readonly ariaRowIndex: number
  readonly topPx: number
  readonly heightPx: number
  readonly template: string
  readonly columns: readonly Column<T>[]
  readonly current: boolean
  /** Null where rows cannot be chosen. */
  readonly chosen: boolean | null
  readonly chooseLabel: string
  readonly className: string | undefined
  readonly acts: RowActs
}

/** The keys of a row are those of the whole list: see onKeyDown of the grid. */
const ignore = () => undefined

/** A press must not take the focus from the list, whose keys would stop. */
const keepFocus = (event: MouseEvent) => event.preventDefault()

function Check({ chosen, label, onCheck }: { chosen: boolean; label: string; onCheck: (event: MouseEvent) => void }) {
  return (
    <input
      type="checkbox"
      tabIndex={-1}
      aria-label={label}
      checked={chosen}
      onChange={ignore}
      onMouseDown={keepFocus}
      onDoubleClick={(event) => event.stopPropagation()}
      onClick={(event) => {
        event.stopPropagation()
        onCheck(event)
      }}
      className="block accent-accent-solid"
    />
  )
}

function RowOfGrid<T>({
  row,
  index,
  id,
  ariaRowIndex,
  topPx,
  heightPx,
  template,
  columns,
  current,
  chosen,
  chooseLabel,
  className,
  acts,
}: GridRowProps<T>) {
  return (
    <tr
      id={id}
      aria-rowindex={ariaRowIndex}
      aria-selected={chosen ?? current}
      {...(chosen === null ? {} : { 'data-current': current })}
      {...(row === undefined ? { 'aria-busy': true } : {})}
      onClick={(event) => acts.onClick(index, event)}
      onDoubleClick={() => acts.onDoubleClick(index)}
      onKeyDown={ignore}
      className={clsx(
        'absolute inset-x-0 grid items-center gap-3 border-b border-line px-4 select-none',
        chosen === true || current ? 'bg-selected' : 'hover:bg-hover',
        chosen !== null && current && 'shadow-[inset_2px_0_0_var(--accent)]',
        className,
      )}
      style={{ height: heightPx, transform: `translateY(${topPx}px)`, gridTemplateColumns: template }}
    >
      {chosen !== null && (
        <td>
          {row !== undefined && (
            <Check chosen={chosen} label={chooseLabel} onCheck={(event) => acts.onCheck(index, event)} />
          )}
        </td>
      )}
      {columns.map((column) => (
        <td key={column.id} className={clsx('min-w-0 truncate', column.align === 'end' && 'text-right')}>
          {row === undefined ? <span className="skeleton block h-2.5 w-3/5" /> : column.cell(row)}
        </td>
      ))}
    </tr>
  )
}

/** One row of a grid, drawn again only when something of it changes. */
export const GridRow = memo(RowOfGrid) as typeof RowOfGrid
