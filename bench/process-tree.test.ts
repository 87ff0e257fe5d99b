import { describe, expect, it } from 'vitest'
import { descendants, parseStat } from './process-tree'

describe('/proc/PID/stat', () => {
  it('is read behind a name that looks like fields itself', () => {
    const text = '4711 (a) S 9 (b) S 42 4711 42 0 -1 4194304 900 0 0 0 150 50 7 8 20 0 1 0 100'
    expect(parseStat(text)).toEqual({ parentId: 42, cpuMs: 2000 })
  })
})

describe('a process tree', () => {
  it('is everything below its root, however deep, and nothing beside it', () => {
    const parents = new Map([
      [1, 0],
      [10, 1],
      [11, 10],
      [12, 11],
      [20, 1],
    ])
    expect(descendants(10, parents)).toEqual([10, 11, 12])
    expect(descendants(99, parents)).toEqual([99])
  })
})
