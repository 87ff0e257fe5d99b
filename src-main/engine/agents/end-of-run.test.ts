import { describe, expect, it } from 'vitest'
import { endOf } from './end-of-run'

const clean = { exitCode: 0, signal: null, outOfMemory: false }
const output = { kind: 'output', output: { answer: 42 } } as const

const stopped = { cause: 'stopped-by-operator', message: 'A person stopped the agent.' } as const
const late = { cause: 'execution-timeout', message: 'The run took longer than its limit.' } as const

describe('the cause of an end', () => {
  it('is completed when the program gave its output and ended with 0', () => {
    expect(endOf(clean, output, null)).toMatchObject({ state: 'succeeded', cause: 'completed', output: { answer: 42 } })
  })

  it('is completed without output when the program only ended with 0', () => {
    expect(endOf(clean, null, null)).toMatchObject({ state: 'succeeded', cause: 'completed', output: null })
  })

  it('is a program error when the program says so, whatever its exit code', () => {
    const said = { kind: 'error', message: 'no such city', code: null } as const
    expect(endOf(clean, said, null)).toMatchObject({ state: 'failed', cause: 'program-error', message: 'no such city' })
  })

  it('is a program error when it ends with another exit code', () => {
    expect(endOf({ ...clean, exitCode: 3 }, output, null)).toMatchObject({ cause: 'program-error', exitCode: 3 })
  })

  it('is killed when a signal ended it that nobody here sent', () => {
    expect(endOf({ ...clean, exitCode: null, signal: 'SIGKILL' }, null, null)).toMatchObject({ cause: 'killed' })
  })

  it('is out of memory rather than killed when the sandbox saw that', () => {
    expect(endOf({ exitCode: 137, signal: null, outOfMemory: true }, null, null)).toMatchObject({
      cause: 'out-of-memory',
      code: 'RUN_001',
    })
  })

  it('is what interrupted it, when something did', () => {
    const killed = { exitCode: 143, signal: null, outOfMemory: false }
    expect(endOf(killed, null, stopped)).toMatchObject({ state: 'stopped', code: 'RUN_003' })
    expect(endOf(killed, null, late)).toMatchObject({ state: 'timed-out', code: 'RUN_002' })
  })

  it('is completed when the output was there before the interruption took hold', () => {
    expect(endOf(clean, output, stopped)).toMatchObject({ state: 'succeeded', cause: 'completed' })
  })
})
