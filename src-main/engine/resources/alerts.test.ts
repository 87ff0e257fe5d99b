import { expect, it } from 'vitest'
import { createAlerts } from './alerts'
import { NOTHING } from './amounts'
import { NO_USE } from './usage'

const grantable = { memoryBytes: 1_000, cpuMillis: 1_000, diskIoMbps: 100, networkIoMbps: 100 }

it('warns at 80 %, gets grave at 95 %, and wavering does not make it blink (resources R8)', () => {
  const alerts = createAlerts()
  const at = (memoryBytes: number, atMs: number) =>
    alerts
      .update({ grantable, granted: { ...NOTHING, memoryBytes }, used: NO_USE }, atMs)
      .map(({ level, sinceMs }) => `${level} ${sinceMs}`)
  expect(at(799, 1)).toEqual([])
  expect(at(800, 2)).toEqual(['warning 2'])
  expect(at(770, 3)).toEqual(['warning 2'])
  expect(at(950, 4)).toEqual(['critical 4'])
  expect(at(910, 5)).toEqual(['critical 4'])
  expect(at(899, 6)).toEqual(['warning 6'])
  expect(at(749, 7)).toEqual([])
  expect(at(790, 8)).toEqual([])
})

it('tells granted from used, the graver first, and says nothing of what is not measured', () => {
  const alerts = createAlerts()
  const found = alerts.update(
    {
      grantable,
      granted: { ...NOTHING, diskIoMbps: 85 },
      used: { ...NO_USE, cpuMillis: 1_100, networkIoMbps: null },
    },
    1,
  )
  expect(found).toMatchObject([
    { kind: 'cpu', what: 'used', level: 'critical', share: 1.1 },
    { kind: 'disk', what: 'granted', level: 'warning', share: 0.85 },
  ])
  expect(found[0]?.text).toBe('Agents use 110 % of the processor time that may be granted.')
})
