import type { DoctorCheck, SystemInfo } from '@contract'
import { assertNever, type Clock, type RuntimeError } from '../engine/core'
import {
  type Check,
  createDoctor,
  type Doctor,
  dataFolderCheck,
  displayCheck,
  dockerEngineCheck,
  electronRuntimeCheck,
  type KeyringFindings,
  keyringCheck,
  librariesCheck,
  nodeVersionCheck,
  probeSqliteBinding,
  sqliteCheck,
  tierChecks,
} from '../engine/doctor'
import type { Engine } from '../engine/engine'
import type { Keyring } from '../engine/secrets'

export interface HostDoctorOptions {
  readonly dataDir: string
  readonly versions: NodeJS.ProcessVersions
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  readonly keyring: Keyring
  /** What is wrong with the configuration, if anything. */
  readonly configProblem: RuntimeError | null
  /** The engine when it runs; Doctor must help exactly when it does not. */
  readonly engine: () => Engine | null
  readonly engineState: () => SystemInfo['engine']
}

/** An account that holds nothing: asking for it tells whether the keyring answers. */
const PROBE_ACCOUNT = 'doctor'

const keyringFindings = async ({ engine, keyring }: HostDoctorOptions): Promise<KeyringFindings> => {
  const status = await engine()?.secrets.keyStoreStatus()
  if (status?.backend === 'file') return { state: 'file', note: status.note }
  try {
    await keyring.get(PROBE_ACCOUNT)
    return { state: 'reachable', note: 'The system keyring answers.' }
  } catch {
    return status?.backend === 'keyring'
      ? { state: 'unreachable', note: 'The master key is in the system keyring, which does not answer.' }
      : { state: 'file', note: 'The system keyring does not answer; a first secret would have its key in a file.' }
  }
}

const configCheck = ({ configProblem }: HostDoctorOptions): Check => ({
  id: 'config',
  title: 'Configuration',
  run: async () =>
    configProblem === null
      ? { status: 'pass', cause: 'The configuration is valid.', fix: '' }
      : { status: 'fail', cause: configProblem.message, fix: configProblem.nextStep },
})

/** Said by what cannot be tried without an engine: the check of the engine itself says why there is none. */
const NO_ENGINE = {
  status: 'warn',
  cause: 'Not tried, because the engine does not run.',
  fix: 'Mend what keeps the engine from running first.',
} as const

const engineCheck = ({ engineState }: HostDoctorOptions): Check => ({
  id: 'engine',
  title: 'Engine',
  async run() {
    const found = engineState()
    switch (found.state) {
      case 'ready':
        return { status: 'pass', cause: 'The engine runs.', fix: '' }
      case 'starting':
        return { status: 'warn', cause: 'The engine is still starting.', fix: 'Look again in a moment.' }
      case 'failed': {
        const { code, message, nextStep } = found.error
        // Another engine at work on the same data is no defect, but what needs an engine cannot be tried beside it.
        return { status: code === 'CONFIG_002' ? 'warn' : 'fail', cause: `${code}: ${message}`, fix: nextStep }
      }
      default:
        return assertNever(found)
    }
  },
})

const policyCheck = ({ engine }: HostDoctorOptions): Check => ({
  id: 'policy',
  title: 'Access policy',
  async run() {
    const view = engine()?.policy.view()
    if (view === undefined) return NO_ENGINE
    if (view.error !== null) return { status: 'fail', cause: view.error.message, fix: view.error.nextStep }
    return { status: 'pass', cause: `${view.rules.length} rules are in force.`, fix: '' }
  },
})

/** A larger database would hold the thread for too long; it was checked by SQLite itself when it was opened. */
const QUICK_CHECK_BYTES = 16_000_000

const integrityOf = (engine: Engine | null): string | null => {
  if (engine === null || engine.store.sizeBytes() > QUICK_CHECK_BYTES) return null
  return engine.store.get<{ quick_check: string }>('SELECT quick_check FROM pragma_quick_check')?.quick_check ?? null
}

const TIERS = ['tier0', 'tier1', 'tier2', 'tier3'] as const

/** Only Tier 1 is a requirement: that another tier is missing leaves the product usable, and is said. */
const optional = (status: DoctorCheck['status']): DoctorCheck['status'] => (status === 'fail' ? 'warn' : status)

export const createHostDoctor = (options: HostDoctorOptions): Doctor => {
  const { dataDir, versions, platform, env, clock, engine } = options
  const binding = env['SYMBI_SQLITE_BINDING']
  return createDoctor({
    clock,
    checks: [
      nodeVersionCheck(versions),
      electronRuntimeCheck({ versions, env }),
      librariesCheck({ platform, arch: process.arch }),
      displayCheck({ platform, env }),
      dataFolderCheck({ dir: dataDir, platform }),
      configCheck(options),
      engineCheck(options),
      sqliteCheck(async () => ({ version: await probeSqliteBinding(binding), integrity: integrityOf(engine()) })),
      keyringCheck({ platform, probe: () => keyringFindings(options) }),
      dockerEngineCheck({ platform, env }),
      ...tierChecks({
        tiers: TIERS,
        statuses: async () => {
          const statuses = await engine()?.sandboxes.statuses({ fresh: true })
          if (statuses === undefined) return TIERS.map((tier) => ({ tier, ...NO_ENGINE }))
          return statuses.map((found) => ({
            ...found,
            status: found.tier === 'tier1' ? found.status : optional(found.status),
          }))
        },
      }),
      policyCheck(options),
    ],
  })
}
