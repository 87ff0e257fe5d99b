// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FilterInput } from './FilterInput'

const VOCABULARY = {
  parties: [{ id: '1', name: 'Mail bot', kind: 'agent' as const }],
  topics: ['orders/new'],
}

const setUp = (value = '') => {
  const onValue = vi.fn()
  const onLeave = vi.fn()
  render(<FilterInput value={value} vocabulary={VOCABULARY} problems={[]} onValue={onValue} onLeave={onLeave} />)
  const input = screen.getByRole<HTMLInputElement>('combobox', { name: 'Filter messages' })
  fireEvent.focus(input)
  const type = (text: string) => {
    fireEvent.change(input, { target: { value: text, selectionStart: text.length } })
    fireEvent.select(input)
  }
  const press = (key: string) => fireEvent.keyDown(input, { key })
  const pause = () => act(() => void vi.advanceTimersByTime(400))
  return { onValue, onLeave, input, type, press, pause }
}
const options = () => screen.queryAllByRole('option').map(({ textContent }) => textContent)

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

describe('the filter line', () => {
  it('tells a good filter once the person pauses', () => {
    const { onValue, type, pause } = setUp()
    type('state:dead ')
    expect(onValue).not.toHaveBeenCalled()
    pause()
    expect(onValue).toHaveBeenCalledExactlyOnceWith('state:dead')
  })

  it('never sends a wrong word: it names it and writes what was meant', () => {
    const { onValue, type, pause, input } = setUp('state:dead')
    type('sicne:10m hello')
    pause()
    expect(onValue).not.toHaveBeenCalled()
    expect(screen.getByText(/no term “sicne”/)).toBeDefined()
    expect(input.getAttribute('aria-invalid')).toBe('true')
    fireEvent.click(screen.getByRole('button', { name: /since:10m/ }))
    expect(input.value).toBe('since:10m hello')
    pause()
    expect(onValue).toHaveBeenCalledExactlyOnceWith('since:10m hello')
  })

  it('says nothing about the word that is being typed', () => {
    const { type, press } = setUp()
    type('state:de')
    expect(screen.queryByText(/is no state/)).toBeNull()
    press('Escape')
    press('Enter')
    expect(screen.getByText(/“de” is no state/)).toBeDefined()
  })

  it('completes terms and values by keyboard', () => {
    const { type, press, input } = setUp()
    type('fr')
    expect(options()).toEqual([expect.stringContaining('from:')])
    press('ArrowDown')
    press('Enter')
    expect(input.value).toBe('from:')
    expect(options()).toEqual([expect.stringContaining('Mail bot')])
    press('ArrowDown')
    press('Tab')
    expect(input.value).toBe('from:"Mail bot" ')
  })

  it('goes to the list on Enter, with the filter in force, and on Escape', () => {
    const { onValue, onLeave, type, press } = setUp()
    type('hello')
    press('Enter')
    expect(onValue).toHaveBeenCalledExactlyOnceWith('hello')
    expect(onLeave).toHaveBeenCalledTimes(1)
    press('Escape')
    expect(onLeave).toHaveBeenCalledTimes(2)
  })

  it('is cleared at once', () => {
    const { onValue, input } = setUp('state:dead')
    fireEvent.click(screen.getByRole('button', { name: 'Clear the filter' }))
    expect(input.value).toBe('')
    expect(onValue).toHaveBeenCalledExactlyOnceWith(undefined)
  })
})
