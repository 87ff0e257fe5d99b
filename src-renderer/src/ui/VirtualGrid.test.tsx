// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type GridSelection, VirtualGrid, type VirtualGridProps } from './VirtualGrid'

const NAMES = ['ada', 'bob', 'cyd', 'dee', 'eve']

const selection = (chosen: readonly string[] = []) =>
  ({
    has: (name) => chosen.includes(name),
    state: chosen.length === 0 ? 'none' : chosen.length === NAMES.length ? 'all' : 'some',
    rowLabel: (name) => `Choose ${name}`,
    allLabel: 'Choose all 5',
    toggle: vi.fn(),
    extend: vi.fn(),
    toggleAll: vi.fn(),
  }) satisfies GridSelection<string>

const grid = (more: Partial<VirtualGridProps<string>> = {}) => (
  <VirtualGrid
    label="People"
    count={NAMES.length}
    rowAt={(place) => NAMES[place]}
    rowKey={(name) => name}
    columns={[
      { id: 'name', title: 'Name', track: '1fr', sortable: true, cell: (name: string) => name },
      { id: 'length', title: 'Length', track: '1fr', cell: (name: string) => name.length },
    ]}
    currentIndex={1}
    currentKey="bob"
    onCurrent={() => undefined}
    rowHeight={32}
    showHeader
    {...more}
  />
)

const people = () => screen.getByRole('grid', { name: 'People' })
const row = (name: string) => screen.getByText(name).closest('tr') as HTMLTableRowElement

beforeEach(() => {
  // happy-dom has no layout; the list needs a height to draw rows into.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(400)
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

describe('VirtualGrid', () => {
  it('chooses with Space, and a range with Shift and the arrows', () => {
    const chosen = selection()
    const onCurrent = vi.fn()
    render(grid({ selection: chosen, onCurrent }))
    fireEvent.keyDown(people(), { key: ' ' })
    expect(chosen.toggle).toHaveBeenCalledWith(1)
    fireEvent.keyDown(people(), { key: 'ArrowDown', shiftKey: true })
    expect(chosen.extend).toHaveBeenCalledWith(2)
    expect(onCurrent).toHaveBeenLastCalledWith(2, 'key')
    fireEvent.keyDown(people(), { key: 'End', shiftKey: true })
    expect(chosen.extend).toHaveBeenLastCalledWith(4)
  })

  it('chooses with the pointer: the box, Ctrl, and Shift for a range; a plain click goes there', () => {
    const chosen = selection()
    const onCurrent = vi.fn()
    render(grid({ selection: chosen, onCurrent }))
    fireEvent.click(screen.getByRole('checkbox', { name: 'Choose cyd' }))
    expect(chosen.toggle).toHaveBeenLastCalledWith(2)
    fireEvent.click(row('dee'), { ctrlKey: true })
    expect(chosen.toggle).toHaveBeenLastCalledWith(3)
    fireEvent.click(row('eve'), { shiftKey: true })
    expect(chosen.extend).toHaveBeenLastCalledWith(4)
    expect(onCurrent).not.toHaveBeenCalled()
    fireEvent.click(row('ada'))
    expect(onCurrent).toHaveBeenCalledWith(0, 'pointer')
  })

  it('says which rows are chosen, and that some are', () => {
    render(grid({ selection: selection(['ada', 'eve']) }))
    expect(people().getAttribute('aria-multiselectable')).toBe('true')
    expect(NAMES.map((name) => row(name).getAttribute('aria-selected'))).toEqual([
      'true',
      'false',
      'false',
      'false',
      'true',
    ])
    const all = screen.getByRole<HTMLInputElement>('checkbox', { name: 'Choose all 5' })
    expect(all.indeterminate).toBe(true)
    fireEvent.click(all)
  })

  it('does not choose where nothing can be chosen', () => {
    const onCurrent = vi.fn()
    render(grid({ onCurrent }))
    expect(screen.queryByRole('checkbox')).toBeNull()
    fireEvent.click(row('dee'), { shiftKey: true })
    expect(onCurrent).toHaveBeenCalledWith(3, 'pointer')
    expect(row('bob').getAttribute('aria-selected')).toBe('true')
  })

  it('orders by the columns that can, and says by which it is ordered', () => {
    const onSort = vi.fn()
    render(grid({ sort: { by: 'name', descending: true }, onSort }))
    expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending')
    fireEvent.click(screen.getByRole('button', { name: 'Name' }))
    expect(onSort).toHaveBeenCalledWith('name')
    expect(screen.queryByRole('button', { name: 'Length' })).toBeNull()
  })

  it('holds the place of rows that are on their way', () => {
    render(grid({ rowAt: (place) => (place < 2 ? NAMES[place] : undefined), selection: selection() }))
    expect(people().getAttribute('aria-rowcount')).toBe('6')
    expect(people().querySelectorAll('tr[aria-busy="true"]')).toHaveLength(3)
    expect(screen.queryByText('cyd')).toBeNull()
  })

  it('tells which rows are drawn', () => {
    const onRange = vi.fn()
    render(grid({ onRange }))
    expect(onRange).toHaveBeenLastCalledWith(0, 4)
  })
})
