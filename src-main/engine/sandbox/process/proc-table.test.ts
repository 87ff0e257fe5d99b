import { describe, expect, it } from 'vitest'
import { parseStat } from './proc-table'

const stat = (name: string, state = 'S'): string =>
  `42 (${name}) ${state} 1 41 41 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 7 0 987654 1000000 2000`

describe('/proc/PID/stat', () => {
  it('is read by its fields', () => {
    expect(parseStat(stat('node'))).toEqual({ pid: 42, groupId: 41, startTicks: 987654, cpuMs: 2_000 })
  })

  it('is not confused by a name that looks like fields', () => {
    expect(parseStat(stat('a) Z 9 9 (b'))).toEqual(parseStat(stat('node')))
  })

  it('counts a zombie and half a line as nothing', () => {
    expect(parseStat(stat('node', 'Z'))).toBeUndefined()
    expect(parseStat('42 (node) S 1')).toBeUndefined()
  })
})
