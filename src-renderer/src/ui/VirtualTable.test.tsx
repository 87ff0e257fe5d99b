// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { VirtualTable } from './VirtualTable'

const ROWS = ['ada', 'bob', 'cyd']

const table = (
  rowHeight: number,
  selected: string | null,
  onSelect: (row: string) => void,
  onOpen = () => undefined,
) => (
  <VirtualTable
    label="People"
    rows={ROWS}
    columns={[{ id: 'name', title: 'Name', track: '1fr', cell: (row: string) => row }]}
    rowKey={(row) => row}
    selectedKey={selected}
    onSelect={onSelect}
    onOpen={onOpen}
    rowHeight={rowHeight}
  />
)

const tops = () =>
  ROWS.map((row) => screen.getByText(row).closest('tr')?.style.transform ?? '').map((text) =>
    Number(/\d+/.exec(text)?.[0]),
  )

beforeEach(() => {
  // happy-dom has no layout; the list needs a height to draw rows into.
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(400)
  vi.spyOn(HTMLElement.prototype, 'clientWidth', 'get').mockReturnValue(400)
})

afterEach(() => {
  cleanup()
  vi.restoreAllMocks()
})

describe('VirtualTable', () => {
  it('places rows anew when their height changes', () => {
    const { rerender } = render(table(36, null, () => undefined))
    expect(tops()).toEqual([0, 36, 72])
    rerender(table(44, null, () => undefined))
    expect(tops()).toEqual([0, 44, 88])
  })

  it('moves with J, K and the arrows, and stops at both ends', () => {
    const onSelect = vi.fn()
    const { rerender } = render(table(32, 'ada', onSelect))
    const grid = screen.getByRole('grid', { name: 'People' })
    fireEvent.keyDown(grid, { key: 'j' })
    fireEvent.keyDown(grid, { key: 'End' })
    fireEvent.keyDown(grid, { key: 'k' })
    expect(onSelect.mock.calls).toEqual([['bob'], ['cyd'], ['ada']])
    rerender(table(32, 'cyd', onSelect))
    fireEvent.keyDown(grid, { key: 'ArrowDown' })
    expect(onSelect).toHaveBeenLastCalledWith('cyd')
  })

  it('opens on Enter and leaves chords alone', () => {
    const onOpen = vi.fn()
    const onSelect = vi.fn()
    render(table(32, 'bob', onSelect, onOpen))
    const grid = screen.getByRole('grid', { name: 'People' })
    fireEvent.keyDown(grid, { key: 'Enter' })
    fireEvent.keyDown(grid, { key: 'k', ctrlKey: true })
    expect(onOpen).toHaveBeenCalledWith('bob')
    expect(onSelect).not.toHaveBeenCalled()
  })
})
