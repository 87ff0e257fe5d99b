import { describe, expect, it } from 'vitest'
import { readArguments } from './arguments'

const KNOWN = ['start', 'idle', 'invoke']

describe('arguments', () => {
  it('ask for everything when they name nothing', () => {
    expect(readArguments(['--json'], KNOWN)).toEqual({ names: KNOWN, json: true, quick: false })
  })

  it('name benchmarks, which run in their own order', () => {
    expect(readArguments(['invoke', '--quick', 'start'], KNOWN)).toEqual({
      names: ['start', 'invoke'],
      json: false,
      quick: true,
    })
  })

  it('say how many rounds', () => {
    expect(readArguments(['invoke', '--rounds=100'], KNOWN)).toEqual({
      names: ['invoke'],
      json: false,
      quick: false,
      rounds: 100,
    })
  })

  it.each([['speed'], ['--fast'], ['--rounds=many']])('refuse what is not known and say what is: %s', (arg) => {
    expect(() => readArguments([arg], KNOWN)).toThrow(`Not known: ${arg}. Benchmarks: start, idle, invoke`)
  })
})
