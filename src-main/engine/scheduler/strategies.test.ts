import { BackendId } from '@contract'
import { describe, expect, it } from 'vitest'
import { NO_AMOUNTS } from './fixtures/world'
import {
  type Candidate,
  createBalancer,
  leastConnections,
  resourceBased,
  roundRobin,
  smoothWeighted,
} from './strategies'

const id = (name: string): BackendId => BackendId.parse(name)

const candidate = (name: string, change: Partial<Candidate> = {}): Candidate => ({
  id: id(name),
  running: 0,
  weight: 1,
  free: { memoryBytes: 1_000, cpuMillis: 1_000, diskIoMbps: 100, networkIoMbps: 100 },
  ...change,
})

const WANTED = { memoryBytes: 100, cpuMillis: 100, diskIoMbps: 10, networkIoMbps: 10 }

describe('round robin', () => {
  it('takes each in turn, and goes on after one that could not be taken', () => {
    const all = ['c', 'a', 'b'].map((name) => candidate(name))
    expect(roundRobin(all, null)?.id).toBe('a')
    expect(roundRobin(all, id('a'))?.id).toBe('b')
    expect(roundRobin(all, id('c'))?.id).toBe('a')
    const withoutB = all.filter((one) => one.id !== 'b')
    expect(roundRobin(withoutB, id('a'))?.id).toBe('c')
    expect(roundRobin(withoutB, id('b'))?.id).toBe('c')
    expect(roundRobin([], null)).toBeUndefined()
  })
})

describe('least connections', () => {
  it('takes the one with the fewest runs, and equals in turn', () => {
    const all = [candidate('a', { running: 2 }), candidate('b', { running: 1 }), candidate('c', { running: 1 })]
    expect(leastConnections(all, null)?.id).toBe('b')
    expect(leastConnections(all, id('b'))?.id).toBe('c')
    expect(leastConnections(all, id('c'))?.id).toBe('b')
  })
})

describe('by resources', () => {
  it('takes the one on which the most further runs of this size would fit, by what is scarcest there', () => {
    const memory = candidate('memory', { free: { ...candidate('x').free, memoryBytes: 5_000, cpuMillis: 200 } })
    const even = candidate('even', { free: { ...candidate('x').free, memoryBytes: 400, cpuMillis: 400 } })
    expect(resourceBased([memory, even], null, WANTED)?.id).toBe('even')
    expect(resourceBased([memory, even], null, { ...NO_AMOUNTS, memoryBytes: 100 })?.id).toBe('memory')
  })

  it('takes equals in turn', () => {
    const all = [candidate('a'), candidate('b')]
    expect(resourceBased(all, id('a'), WANTED)?.id).toBe('b')
    expect(resourceBased(all, id('b'), NO_AMOUNTS)?.id).toBe('a')
  })
})

describe('smooth weighted round robin', () => {
  const run = (weights: Readonly<Record<string, number>>, times: number): string => {
    const all = Object.entries(weights).map(([name, weight]) => candidate(name, { weight }))
    let current: ReadonlyMap<BackendId, number> = new Map()
    let taken = ''
    for (let time = 0; time < times; time += 1) {
      const step = smoothWeighted(all, current)
      current = step.current
      taken += step.taken?.id ?? '-'
    }
    return taken
  }

  it('gives 5:1:1 as a a b a c a a, and the same again', () => {
    expect(run({ a: 5, b: 1, c: 1 }, 7)).toBe('aabacaa')
    expect(run({ a: 5, b: 1, c: 1 }, 14)).toBe('aabacaaaabacaa')
  })

  it('gives each exactly its share of every round', () => {
    const taken = run({ a: 4, b: 3, c: 2 }, 90)
    const counts = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, taken.split(name).length - 1]))
    expect(counts).toEqual({ a: 40, b: 30, c: 20 })
  })

  it('takes none of none, and begins with the heaviest', () => {
    expect(smoothWeighted([], new Map()).taken).toBeUndefined()
    expect(run({ a: 1, b: 2 }, 1)).toBe('b')
  })
})

describe('a balancer', () => {
  it('remembers whose turn it is', () => {
    const all = [candidate('a', { weight: 2 }), candidate('b')]
    const turns = (strategy: 'RoundRobin' | 'LeastConnections' | 'ResourceBased' | 'WeightedRoundRobin'): string => {
      const balancer = createBalancer(strategy)
      return Array.from({ length: 6 }, () => balancer.choose(all, WANTED)?.id).join('')
    }
    expect(turns('RoundRobin')).toBe('ababab')
    expect(turns('LeastConnections')).toBe('ababab')
    expect(turns('ResourceBased')).toBe('ababab')
    expect(turns('WeightedRoundRobin')).toBe('abaaba')
    expect(createBalancer('RoundRobin').choose([], WANTED)).toBeUndefined()
  })
})
