import { expect, it } from 'vitest'
import { createManualClock } from '../engine/core'
import type { Notice } from './approval-notices'
import { createRecoveryNotices } from './recovery-notices'

const setUp = () => {
  const clock = createManualClock()
  const shown: Notice[] = []
  let opened = 0
  let isLookedAt = false
  const tell = createRecoveryNotices({
    clock,
    show: (notice, onClick) => {
      shown.push(notice)
      onClick()
    },
    isLookedAt: () => isLookedAt,
    open: () => {
      opened += 1
    },
  })
  return {
    clock,
    shown,
    opened: () => opened,
    look: () => {
      isLookedAt = true
    },
    fail: (name: string, text = 'It ended.') => tell({ agentId: null, title: `${name} fails again and again`, text }),
  }
}

it('tells of a failure by its name and its words; a click opens the console', () => {
  const { clock, shown, opened, fail } = setUp()
  fail('hello', `a\u202eb ${'x'.repeat(100)}`)
  expect(shown).toEqual([])
  clock.advance(1_000)
  expect(shown).toEqual([{ title: 'hello fails again and again', body: `a\ufffdb ${'x'.repeat(76)}…` }])
  expect(opened()).toBe(1)
})

it('tells of many at once in one notice, and of the next ones in another', () => {
  const { clock, shown, fail } = setUp()
  for (let count = 1; count <= 50; count += 1) fail(`agent ${count}`)
  clock.advance(1_000)
  fail('later')
  clock.advance(1_000)
  expect(shown.map(({ title }) => title)).toEqual(['50 failures need you', 'later fails again and again'])
  expect(shown[0]?.body.split('\n')).toHaveLength(3)
})

it('says nothing while the console is looked at', () => {
  const { clock, shown, look, fail } = setUp()
  look()
  fail('hello')
  clock.advance(5_000)
  expect(shown).toEqual([])
})
