// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, expect, it } from 'vitest'
import { MonthGrid } from './MonthGrid'
import type { Day } from './month'

afterEach(cleanup)

function Held({ from, counts }: { readonly from: Day; readonly counts: ReadonlyMap<number, number> }) {
  const [day, setDay] = useState<Day>(from)
  return <MonthGrid day={day} today="2026-11-20" counts={counts} onDay={setDay} />
}

const press = (key: string) => act(() => void fireEvent.keyDown(document.activeElement ?? document.body, { key }))
const chosen = () => screen.getByRole('button', { pressed: true }).getAttribute('aria-label')

it('says for each day how many times it has, and which day is today', () => {
  render(
    <Held
      from="2026-11-20"
      counts={
        new Map([
          [20, 1],
          [21, 96],
        ])
      }
    />,
  )
  expect(screen.getByRole('heading', { name: 'November 2026' })).toBeTruthy()
  expect(chosen()).toBe('Friday, November 20, 2026, 1 time')
  expect(screen.getByRole('button', { name: 'Saturday, November 21, 2026, 96 times' }).textContent).toBe('2196×')
  expect(screen.getByRole('button', { name: 'Sunday, November 22, 2026, no time' }).textContent).toBe('22')
  expect(screen.getByRole('button', { current: 'date' }).textContent).toBe('20once')
})

it('is one tab stop; arrows move by day and week, Page Up and Down by month, and the focus follows', () => {
  render(<Held from="2026-11-30" counts={new Map()} />)
  const days = screen.getAllByRole('button').filter((button) => button.getAttribute('aria-pressed') !== null)
  expect(days.filter((button) => button.tabIndex === 0)).toHaveLength(1)
  act(() => screen.getByRole('button', { pressed: true }).focus())
  press('ArrowRight')
  expect(screen.getByRole('heading', { name: 'December 2026' })).toBeTruthy()
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Tuesday, December 1, 2026/)
  press('ArrowDown')
  press('PageUp')
  expect(document.activeElement?.getAttribute('aria-label')).toMatch(/^Sunday, November 8, 2026/)
  press('x')
  expect(chosen()).toMatch(/^Sunday, November 8, 2026/)
})

it('the arrows of the heading turn the pages, and Today leads back', () => {
  render(<Held from="2026-11-20" counts={new Map()} />)
  expect(screen.queryByRole('button', { name: 'Today' })).toBeNull()
  fireEvent.click(screen.getByRole('button', { name: 'On to December 2026' }))
  expect(screen.getByRole('heading', { name: 'December 2026' })).toBeTruthy()
  fireEvent.click(screen.getByRole('button', { name: 'Today' }))
  expect(chosen()).toMatch(/^Friday, November 20, 2026/)
})
