import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { auditVerify } from './audit-verify'
import { doctor } from './doctor'
import { openHost } from './open-host'
import { runAgent } from './run-agent'

let dataDir: string
let out: string
let err: string

const keep = (add: (text: string) => void) => (chunk: unknown) => {
  add(String(chunk))
  return true
}

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'symbi-cli-'))
  out = ''
  err = ''
  vi.spyOn(process.stdout, 'write').mockImplementation(
    keep((text) => {
      out += text
    }),
  )
  vi.spyOn(process.stderr, 'write').mockImplementation(
    keep((text) => {
      err += text
    }),
  )
})

afterEach(async () => {
  vi.restoreAllMocks()
  await rm(dataDir, { recursive: true, force: true })
})

const configure = (text: string): Promise<void> => writeFile(join(dataDir, 'runtime_config.toml'), text)
const run = (target: string, change: { input?: unknown; tier?: string } = {}): Promise<number> =>
  runAgent({ dataDir, target, input: change.input, tier: change.tier })

describe('symbi run', () => {
  it('runs a template in a real container: the result alone on stdout, the log on stderr', async () => {
    expect(await run('hello', { input: { name: 'Ada' } })).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ greeting: 'Hello, Ada.' })
    expect(err).toContain('Started in docker')
    out = ''
    expect(await auditVerify({ dataDir, json: true })).toBe(0)
    expect(JSON.parse(out)).toMatchObject({ ok: true })
  })

  it('runs more often than there may be agents, since none stays', async () => {
    await configure('[sandbox]\nallow_tier0 = true\n[lifecycle]\nmax_agents = 1\n')
    expect(await run('hello', { tier: '0' })).toBe(0)
    expect(await run('hello', { tier: '0' })).toBe(0)
  })

  it('says the code and the next step of what was refused, and why', async () => {
    expect(await run('hello', { tier: '0' })).toBe(1)
    expect(out).toBe('')
    expect(err).toContain('SANDBOX_001: Tier 0 is off. Set allow_tier0 = true under [sandbox]')
  })

  it('hands the exit code of a program on', async () => {
    await configure('[sandbox]\nallow_tier0 = true\n')
    const file = join(dataDir, 'three.mjs')
    await writeFile(file, 'process.exit(3)')
    expect(await run(file, { tier: '0' })).toBe(3)
    expect(err).toContain('RUN_001: The program ended with exit code 3.')
  })

  it('names what is wrong with the configuration', async () => {
    await configure('[lifecycle]\nmax_agents = "many"\n')
    await expect(run('hello')).rejects.toMatchObject({ code: 'CONFIG_001' })
  })
})

describe('beside an engine that uses the data folder', () => {
  it('a run is refused, the trail can be verified, and doctor says why it cannot try the tiers', async () => {
    const host = openHost({ dataDir })
    await host.start()
    try {
      await expect(run('hello')).rejects.toMatchObject({ code: 'CONFIG_002' })
      expect(await auditVerify({ dataDir, json: false })).toBe(0)
      out = ''
      expect(await doctor({ dataDir, json: true })).toBe(0)
      const { checks } = JSON.parse(out) as { checks: { id: string; status: string; cause: string }[] }
      const found = (id: string) => checks.find((check) => check.id === id)
      expect(found('engine')).toMatchObject({ status: 'warn', cause: expect.stringContaining('CONFIG_002') })
      expect(found('tier1')).toMatchObject({ status: 'warn', cause: expect.stringContaining('Not tried') })
    } finally {
      await host.close()
    }
    out = ''
    expect(await doctor({ dataDir, json: true })).toBe(0)
    expect(out).toContain('"id":"engine","title":"Engine","status":"pass"')
  })
})
