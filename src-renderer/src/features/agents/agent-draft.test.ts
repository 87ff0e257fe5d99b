import type { AgentDefinition } from '@contract'
import { describe, expect, it } from 'vitest'
import { definitionOf, draftOf } from './agent-draft'

const definition: AgentDefinition = {
  name: 'triage',
  description: 'Sorts mail.',
  source: { language: 'javascript', text: 'await 1' },
  files: [{ name: 'a.txt', text: 'a' }],
  executionMode: 'ephemeral',
  securityTier: 'tier1',
  limits: {
    memoryMb: 256,
    cpuCores: 0.5,
    diskIoMbps: 100,
    networkIoMbps: 10,
    executionTimeoutMs: 300_500,
    idleTimeoutMs: 60_000,
  },
  capabilities: ['tools'],
  tools: ['everything.echo', 'files.*'],
  secrets: [],
  messages: ['agent/summary', 'topic/mail.*'],
  priority: 'high',
  concurrency: 4,
  heartbeatIntervalMs: 2_500,
  metadata: { template: 'hello' },
}

describe('agent draft', () => {
  it('gives back what it was opened with', () => {
    expect(definitionOf(draftOf(definition))).toEqual(definition)
  })

  it('reads lists by line or comma and lets blanks go', () => {
    const draft = { ...draftOf(definition), tools: ' a.b, c.d \n\n e.* ', secrets: '\n' }
    expect(definitionOf(draft)).toMatchObject({ tools: ['a.b', 'c.d', 'e.*'], secrets: [] })
  })

  it('passes a wrong number on, for the engine to name', () => {
    expect(definitionOf({ ...draftOf(definition), memoryMb: 'much' }).limits.memoryMb).toBeNaN()
  })
})
