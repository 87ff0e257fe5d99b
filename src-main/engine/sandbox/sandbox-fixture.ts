import type { Readable } from 'node:stream'
import type { AgentId, CorrelationId, ExecutionId, ResourceLimits } from '@contract'
import { randomId } from '../core'
import type { SandboxSpec } from './types'

const newId = <Id extends string>(): Id => randomId() as Id

export const TEST_LIMITS: ResourceLimits = {
  memoryMb: 128,
  cpuCores: 1,
  diskIoMbps: 50,
  networkIoMbps: 10,
  executionTimeoutMs: 60_000,
  idleTimeoutMs: 60_000,
}

/** A spec for tests: a new execution of `program`. */
export const specFor = (program: string, more: Partial<SandboxSpec> = {}): SandboxSpec => ({
  agentId: newId<AgentId>(),
  executionId: newId<ExecutionId>(),
  correlationId: newId<CorrelationId>(),
  limits: TEST_LIMITS,
  program,
  inputJson: '{}',
  files: [],
  ...more,
})

export const never = (): AbortSignal => new AbortController().signal

export interface CollectedText {
  text(): string
  /** Resolves when `part` was seen; rejects with what was seen instead. */
  until(part: string): Promise<void>
}

/** Gather a stream's text, for a test to wait on. */
export const collect = (stream: Readable): CollectedText => {
  let seen = ''
  stream.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8')
  })
  return {
    text: () => seen,
    until: (part) => waitFor(`"${part}" in the output`, () => seen.includes(part)),
  }
}

/** Poll until `condition` holds; a test that waits in vain says for what. */
export const waitFor = async (what: string, condition: () => boolean | Promise<boolean>): Promise<void> => {
  const untilMs = performance.now() + 10_000
  while (!(await condition())) {
    if (performance.now() > untilMs) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
