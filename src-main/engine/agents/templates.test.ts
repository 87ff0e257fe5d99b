import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadTemplates } from './templates'

const SHIPPED = resolve('resources/templates')

describe('shipped templates', () => {
  it('are all valid and sorted by id', async () => {
    const templates = await loadTemplates(SHIPPED)
    expect(templates.map((template) => template.id)).toEqual(['ask-another', 'call-a-tool', 'hello', 'summarize-files'])
  })

  it('carry their source and their files', async () => {
    const templates = await loadTemplates(SHIPPED)
    const summarize = templates.find((template) => template.id === 'summarize-files')
    expect(summarize?.definition.source.text).toContain("from 'symbi'")
    expect(summarize?.definition.files.map((file) => file.name)).toEqual([
      'harbour-log.txt',
      'meeting-notes.txt',
      'soil-survey.txt',
    ])
  })

  it('ask for no more than they use', async () => {
    const asked = (await loadTemplates(SHIPPED)).map(({ id, definition }) => ({
      id,
      tier: definition.securityTier,
      capabilities: definition.capabilities,
      tools: definition.tools,
      secrets: definition.secrets,
    }))
    expect(asked).toEqual([
      { id: 'ask-another', tier: 'tier1', capabilities: ['messages'], tools: [], secrets: [] },
      {
        id: 'call-a-tool',
        tier: 'tier1',
        capabilities: ['tools', 'secrets'],
        tools: ['everything.echo'],
        secrets: ['demo/*'],
      },
      { id: 'hello', tier: 'tier1', capabilities: ['memory'], tools: [], secrets: [] },
      { id: 'summarize-files', tier: 'tier1', capabilities: ['memory'], tools: [], secrets: [] },
    ])
  })
})

describe('a folder of templates', () => {
  let dir = ''
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'templates-'))
    await mkdir(join(dir, 'mine'))
    await writeFile(join(dir, 'mine', 'agent.mjs'), 'export {}\n')
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const definition = {
    name: 'Mine',
    description: '',
    executionMode: 'ephemeral',
    securityTier: 'tier1',
    limits: {
      memoryMb: 64,
      cpuCores: 1,
      diskIoMbps: 10,
      networkIoMbps: 10,
      executionTimeoutMs: 10_000,
      idleTimeoutMs: 10_000,
    },
    capabilities: [],
    tools: [],
    secrets: [],
    priority: 'normal',
    metadata: {},
  }
  const write = (head: unknown) => writeFile(join(dir, 'mine', 'template.json'), JSON.stringify(head))

  it('is read when it is valid', async () => {
    await write({ id: 'mine', title: 'Mine', definition, exampleInput: null })
    const [template] = await loadTemplates(dir)
    expect(template?.definition.source).toEqual({ language: 'javascript', text: 'export {}\n' })
    expect(template?.definition.files).toEqual([])
  })

  it('names the template that has an unknown field', async () => {
    await write({ id: 'mine', title: 'Mine', definition: { ...definition, network: true }, exampleInput: null })
    await expect(loadTemplates(dir)).rejects.toMatchObject({
      code: 'AGENT_004',
      message: expect.stringContaining('"mine"'),
    })
  })

  it('refuses a template whose id is not its folder', async () => {
    await write({ id: 'yours', title: 'Mine', definition, exampleInput: null })
    await expect(loadTemplates(dir)).rejects.toMatchObject({ code: 'AGENT_004' })
  })
})
