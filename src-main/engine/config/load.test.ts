import fc from 'fast-check'
import { parse, stringify } from 'smol-toml'
import { describe, expect, it } from 'vitest'
import { anyText } from '../testing/any-text'
import { type Config, SECTIONS, type SectionSpec, VARIABLES } from './keys'
import { loadConfig } from './load'

const FILE = '/etc/symbi/runtime_config.toml'

const load = (text: string, env: Record<string, string> = {}): Config =>
  loadConfig({ path: FILE, env, readFile: () => text })

/** What loading this text answers, as a matcher for the thrown error. */
const refused = (message: string, details: Record<string, unknown>) =>
  expect.objectContaining({ code: 'CONFIG_001', message, details })

/** The sample file of the published runtime's description, word for word. */
const SAMPLE = `[lifecycle]
initialization_timeout = "60s"
termination_timeout = "30s"
max_agents = 100

[resource]
total_memory = 8589934592  # 8GB
total_cpu_cores = 8
enforcement_enabled = true

[context]
storage_path = "./agent_contexts"
enable_compression = true
max_context_size_mb = 100

[vector_db]
qdrant_url = "http://localhost:6333"
collection_name = "agent_knowledge"
vector_dimension = 384

[mcp]
verification_enabled = true
connection_timeout = "30s"
max_concurrent_connections = 10

[schemapin]
binary_path = "/usr/local/bin/schemapin-cli"
timeout = "30s"

[policy]
policy_file = "access_policies.yaml"
enable_caching = true
cache_ttl = "300s"

[scheduler]
max_concurrent_tasks = 100
load_balancing_strategy = "ResourceBased"

[communication]
enable_encryption = true
max_message_size = 1048576  # 1MB

[error_handler]
enable_auto_recovery = true
max_recovery_attempts = 3

# Optional HTTP API configuration (only used if http-api feature is enabled)
[http_api]
bind_address = "127.0.0.1"
port = 8080
enable_cors = true
enable_tracing = true
`

describe('loadConfig', () => {
  it('takes the published sample file unchanged', () => {
    const config = load(SAMPLE)
    expect(config.lifecycle.initializationTimeoutMs).toBe(60_000)
    expect(config.resource.totalMemoryBytes).toBe(8 * 1024 ** 3)
    expect(config.schemapin.binaryPath).toBe('/usr/local/bin/schemapin-cli')
    expect(config.policy.cacheTtlMs).toBe(300_000)
    expect(config.scheduler.loadBalancingStrategy).toBe('ResourceBased')
    expect(config.httpApi).toEqual({ bindAddress: '127.0.0.1', port: 8080, enableCors: true, enableTracing: true })
  })

  it('has a default for everything, and opens nothing by itself', () => {
    const never = (): never => expect.fail('no file is read when there is none')
    const config = loadConfig({ path: null, env: {}, readFile: never })
    expect(config).toEqual(load(''))
    expect(config.lifecycle).toEqual({
      initializationTimeoutMs: 60_000,
      terminationTimeoutMs: 30_000,
      stateCheckIntervalMs: 5_000,
      enableAutoRecovery: true,
      maxRestartAttempts: 3,
      restartBackoffMs: 1_000,
      restartBackoffMaxMs: 60_000,
      restartResetMs: 300_000,
      runRetentionMs: 2_592_000_000,
      maxAgents: 100,
    })
    expect(config.sandbox).toEqual({ allowTier0: false, image: 'node:22-slim', pullImages: true })
    expect(config.secrets.allowFileKey).toBe(true)
    expect(config.log.level).toBe('info')
    expect(config.httpApi.enableCors).toBe(false)
  })

  it('is frozen through and through', () => {
    const config = load('')
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.values(config).every((section) => Object.isFrozen(section))).toBe(true)
  })

  it.each([
    ['"60s"', 60_000],
    ['"500ms"', 500],
    ['"5m"', 300_000],
    ['"24h"', 86_400_000],
    ['"2d"', 172_800_000],
    ['"1.5s"', 1_500],
    ['45', 45_000],
    ['0.25', 250],
  ])('reads the duration %s as %d ms', (written, ms) => {
    expect(load(`[mcp]\ncall_timeout = ${written}`).mcp.callTimeoutMs).toBe(ms)
  })

  it.each([
    '"60"',
    '"60 s"',
    '"s"',
    '"-1s"',
    '"1m30s"',
    '"60S"',
    '0',
    '"0s"',
    '-3',
    'nan',
    'inf',
    '"25d"',
    'true',
    '[60]',
    '1979-05-27',
  ])('refuses the duration %s', (written) => {
    expect(() => load(`[mcp]\ncall_timeout = ${written}`)).toThrow(
      expect.objectContaining({
        code: 'CONFIG_001',
        message: expect.stringMatching(
          /^runtime_config\.toml line 2: mcp\.call_timeout must be a duration such as .*; found /,
        ),
      }),
    )
  })

  it('names file, line and key of a value of the wrong kind', () => {
    const text = '# limits\n\n[lifecycle]\nmax_agents = "many"\n'
    expect(() => load(text)).toThrow(
      refused('runtime_config.toml line 4: lifecycle.max_agents must be a whole number, at least 1; found "many".', {
        file: FILE,
        key: 'lifecycle.max_agents',
        line: 4,
      }),
    )
  })

  it.each([
    ['lifecycle', 'max_agents = 0'],
    ['lifecycle', 'max_agents = 100.0'],
    ['lifecycle', 'max_agents = "100"'],
    ['lifecycle', 'max_agents = 9223372036854775807'],
    ['lifecycle', 'max_agents = true'],
    ['lifecycle', 'max_agents = {}'],
    ['lifecycle', 'enable_auto_recovery = 1'],
    ['lifecycle', 'enable_auto_recovery = "true"'],
    ['log', 'level = "INFO"'],
    ['log', 'level = "verbose"'],
    ['http_api', 'port = 65536'],
    ['http_api', 'bind_address = "localhost"'],
    ['vector_db', 'distance_metric = "cosine"'],
    ['vector_db', 'collection_name = "../x"'],
    ['policy', 'policy_file = " "'],
    ['policy', 'policy_file = "a\\u0000b"'],
    ['sandbox', 'image = "--privileged"'],
    ['sandbox', 'allow_tier0 = "yes"'],
  ])('never converts or guesses: [%s] %s', (section, line) => {
    expect(() => load(`[${section}]\n${line}`)).toThrow(
      expect.objectContaining({ code: 'CONFIG_001', details: expect.objectContaining({ line: 2 }) }),
    )
  })

  it.each([
    ['[lifecycle]\nmax_agent = 5', 'line 2: unknown key lifecycle.max_agent. Did you mean lifecycle.max_agents?'],
    ['[lifecycle]\ncall_timeout = "5s"', 'line 2: unknown key lifecycle.call_timeout. Did you mean mcp.call_timeout?'],
    ['[log]\ncolour = "red"', 'line 2: unknown key log.colour; known in [log] are level.'],
    ['[lifecycel]\nmax_agents = 5', 'line 1: unknown section [lifecycel]. Did you mean lifecycle?'],
    ['[rabbit]\n', 'line 1: unknown section [rabbit].'],
    ['max_agents = 5', 'line 1: unknown key max_agents. Did you mean lifecycle.max_agents?'],
    ['\nlifecycle = 5', 'line 2: lifecycle must be a section, [lifecycle]; found 5.'],
    ['[[log]]\nlevel = "info"', 'line 1: log must be a section, [log]; found a list.'],
    ['[log.level]\nx = 1', 'line 1: log.level must be one of "debug", "info", "warn", "error"; found a section.'],
    ['[log]\n"toString" = 1', 'line 2: unknown key log.toString; known in [log] are level.'],
    ['[toString]\n', 'line 1: unknown section [toString].'],
  ])('suggests what was meant: %j', (text, problem) => {
    expect(() => load(text)).toThrow(
      expect.objectContaining({ code: 'CONFIG_001', message: `runtime_config.toml ${problem}` }),
    )
  })

  it('names the line of a syntax error', () => {
    expect(() => load('[log]\nlevel = "info"\n\nlevel "debug"\n')).toThrow(
      expect.objectContaining({
        code: 'CONFIG_001',
        message: expect.stringMatching(/^runtime_config\.toml line 4: not valid TOML: /),
        details: expect.objectContaining({ file: FILE, line: 4 }),
      }),
    )
    expect(() => load('[log]\n[log]\n')).toThrow(expect.objectContaining({ code: 'CONFIG_001' }))
    expect(() => load('__proto__.polluted = 1')).toThrow(expect.objectContaining({ code: 'CONFIG_001' }))
    expect(() => load(`# ${'x'.repeat(1_048_576)}`)).toThrow(expect.objectContaining({ code: 'CONFIG_001' }))
  })

  it('reads a file with a byte order mark and Windows line ends', () => {
    expect(load('\uFEFF[log]\r\nlevel = "warn"\r\n').log.level).toBe('warn')
  })

  it('says when the file cannot be read, without repeating foreign text', () => {
    const readFile = (): string => {
      throw new Error('canary-4711')
    }
    expect(() => loadConfig({ path: FILE, env: {}, readFile })).toThrow(
      refused('runtime_config.toml cannot be read.', { file: FILE }),
    )
  })

  it('lets environment variables win over the file', () => {
    const config = load('[lifecycle]\nmax_agents = 5\n[log]\nlevel = "warn"', {
      SYMBI_LOG_LEVEL: 'debug',
      SYMBI_MAX_AGENTS: '7',
      SYMBI_RESOURCE_ENFORCEMENT: 'false',
      SYMBI_QDRANT_URL: 'https://vectors.example:6333',
      SYMBI_SCHEMAPIN_PATH: '/opt/schemapin',
    })
    expect(config.log.level).toBe('debug')
    expect(config.lifecycle.maxAgents).toBe(7)
    expect(config.resource.enforcementEnabled).toBe(false)
    expect(config.vectorDb.qdrantUrl).toBe('https://vectors.example:6333')
    expect(config.schemapin.binaryPath).toBe('/opt/schemapin')
  })

  it('treats an empty variable as not set', () => {
    expect(load('[lifecycle]\nmax_agents = 5', { SYMBI_MAX_AGENTS: '' }).lifecycle.maxAgents).toBe(5)
  })

  it.each([
    ['SYMBI_LOG_LEVEL', 'loud', 'SYMBI_LOG_LEVEL must be one of "debug", "info", "warn", "error"; found "loud".'],
    ['SYMBI_MAX_AGENTS', 'many', 'SYMBI_MAX_AGENTS must be a whole number, at least 1; found "many".'],
    ['SYMBI_MAX_AGENTS', '0', 'SYMBI_MAX_AGENTS must be a whole number, at least 1; found "0".'],
    ['SYMBI_MAX_AGENTS', '1e3', 'SYMBI_MAX_AGENTS must be a whole number, at least 1; found "1e3".'],
    ['SYMBI_RESOURCE_ENFORCEMENT', 'yes', 'SYMBI_RESOURCE_ENFORCEMENT must be true or false; found "yes".'],
    ['SYMBI_SCHEMAPIN_PATH', ' ', 'SYMBI_SCHEMAPIN_PATH must be the path of a file or folder; found " ".'],
  ])('names the variable %s that holds %j', (variable, value, message) => {
    expect(() => load('', { [variable]: value })).toThrow(refused(message, { variable }))
  })

  it('refuses a password in a URL and does not repeat it', () => {
    const url = 'http://user:canary-4711@localhost:6333'
    const silent = expect.not.stringContaining('canary-4711')
    expect(() => load(`[vector_db]\nqdrant_url = "${url}"`)).toThrow(
      expect.objectContaining({ code: 'CONFIG_001', message: silent, details: expect.objectContaining({ line: 2 }) }),
    )
    expect(() => load('', { SYMBI_QDRANT_URL: url })).toThrow(
      expect.objectContaining({ code: 'CONFIG_001', message: silent, details: { variable: 'SYMBI_QDRANT_URL' } }),
    )
  })

  it('ends with a configuration or with CONFIG_001, whatever the text', () => {
    const wild = fc.oneof(
      anyText({ maxLength: 200 }),
      fc
        .array(fc.constantFrom('[', ']', '"', "'", '"""', '=', '\n', '#', '.', 'log', 'level', '1', '{', '}', ','), {
          maxLength: 60,
        })
        .map((parts) => parts.join('')),
    )
    return fc.assert(
      fc.asyncProperty(wild, async (text) => {
        const [result] = await Promise.allSettled([Promise.resolve(text).then((given) => load(given))])
        const code = result.status === 'fulfilled' ? 'ok' : (result.reason as { code?: unknown }).code
        expect(['ok', 'CONFIG_001']).toContain(code)
      }),
      { numRuns: 150 },
    )
  })
})

describe('the table of keys', () => {
  const sections: readonly SectionSpec[] = Object.values(SECTIONS)

  it('writes every default so that the file reads it back', () => {
    const text = sections
      .flatMap(({ section, keys }) => [
        `[${section}]`,
        ...Object.values(keys)
          .filter((spec) => spec.initial !== null)
          .map((spec) => `${spec.key} = ${spec.kind.write(spec.initial)}`),
      ])
      .join('\n')
    expect(load(text)).toEqual(load(''))
    expect(load(stringify(parse(text)))).toEqual(load(''))
  })

  it('has no key twice and no variable without a key', () => {
    const names = sections.flatMap(({ section, keys }) => Object.values(keys).map(({ key }) => `${section}.${key}`))
    expect(new Set(names).size).toBe(names.length)
    expect(VARIABLES.every(({ section, key }) => names.includes(`${section}.${key}`))).toBe(true)
  })
})
