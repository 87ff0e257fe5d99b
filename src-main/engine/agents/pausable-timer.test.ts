import { expect, it, vi } from 'vitest'
import { createManualClock } from '../core'
import { createPausableTimer } from './pausable-timer'

it('fires after the time that it went, not the time that passed', () => {
  const clock = createManualClock()
  const onDue = vi.fn()
  const timer = createPausableTimer({ clock, totalMs: 1000, onDue })
  timer.go()
  clock.advance(600)
  timer.halt()
  clock.advance(10_000)
  expect(onDue).not.toHaveBeenCalled()
  timer.go()
  clock.advance(399)
  expect(onDue).not.toHaveBeenCalled()
  clock.advance(1)
  expect(onDue).toHaveBeenCalledOnce()
})

it('does not start twice', () => {
  const clock = createManualClock()
  const onDue = vi.fn()
  const timer = createPausableTimer({ clock, totalMs: 10, onDue })
  timer.go()
  timer.go()
  clock.advance(100)
  expect(onDue).toHaveBeenCalledOnce()
})
