import { LOG_LEVELS } from '../core'
import {
  address,
  type ConfigValue,
  choice,
  duration,
  flag,
  httpUrl,
  image,
  type Kind,
  optionalHttpUrl,
  optionalPath,
  path,
  wholeNumber,
  word,
} from './kinds'

/** One key of the file, as it is read, defaulted and documented. */
export interface KeySpec<T extends ConfigValue> {
  readonly key: string
  readonly kind: Kind<T>
  readonly initial: T
  readonly meaning: string
  /** Whether this version acts on it, or only checks it. */
  readonly effective: boolean
}

export interface SectionSpec {
  readonly section: string
  readonly keys: Readonly<Record<string, KeySpec<ConfigValue>>>
}

type Facts<T> = { readonly initial: T; readonly meaning: string }

/** A key whose feature is not there yet: accepted and checked. */
const later = <T extends ConfigValue>(key: string, kind: Kind<T>, facts: Facts<NoInfer<T>>): KeySpec<T> => ({
  key,
  kind,
  ...facts,
  effective: false,
})

/** A key that this version acts on. */
const now = <T extends ConfigValue>(key: string, kind: Kind<T>, facts: Facts<NoInfer<T>>): KeySpec<T> => ({
  key,
  kind,
  ...facts,
  effective: true,
})

const bytes = wholeNumber({ min: 1, unit: 'bytes' })
const count = wholeNumber({ min: 1 })

/**
 * Every key of runtime_config.toml. {@link Config}, the checks, the defaults and docs/configuration.md all come from
 * this table. Defaults are those of the published sample file, except where it would open something by itself.
 */
export const SECTIONS = {
  lifecycle: {
    section: 'lifecycle',
    keys: {
      initializationTimeoutMs: now('initialization_timeout', duration, {
        initial: 60_000,
        meaning: 'How long an agent may take to get its sandbox, program and tools ready.',
      }),
      terminationTimeoutMs: now('termination_timeout', duration, {
        initial: 30_000,
        meaning: 'How long a stopping agent may take to end by itself before it is ended.',
      }),
      stateCheckIntervalMs: later('state_check_interval', duration, {
        initial: 5_000,
        meaning: 'How often the state of running agents is compared with their sandboxes.',
      }),
      enableAutoRecovery: later('enable_auto_recovery', flag, {
        initial: true,
        meaning: 'Start failed persistent agents again.',
      }),
      maxRestartAttempts: later('max_restart_attempts', wholeNumber({ min: 0, max: 100 }), {
        initial: 3,
        meaning: 'How often an agent is started again before it stays failed.',
      }),
      maxAgents: now('max_agents', count, {
        initial: 100,
        meaning: 'How many agents may exist that are not terminated.',
      }),
    },
  },
  resource: {
    section: 'resource',
    keys: {
      totalMemoryBytes: later('total_memory', bytes, {
        initial: 8_589_934_592,
        meaning: 'Memory that all agents together may be granted.',
      }),
      totalCpuCores: later('total_cpu_cores', wholeNumber({ min: 1, unit: 'cores' }), {
        initial: 8,
        meaning: 'Processor cores that all agents together may be granted.',
      }),
      enforcementEnabled: later('enforcement_enabled', flag, {
        initial: true,
        meaning: 'Refuse what goes beyond the totals. The limits of each sandbox hold in any case.',
      }),
      monitoringIntervalMs: later('monitoring_interval', duration, {
        initial: 30_000,
        meaning: 'How often the use of resources is measured.',
      }),
    },
  },
  context: {
    section: 'context',
    keys: {
      storagePath: later('storage_path', path, {
        initial: './agent_contexts',
        meaning: 'Folder of agent contexts; a relative path starts at the data folder.',
      }),
      enableCompression: later('enable_compression', flag, { initial: true, meaning: 'Compress stored contexts.' }),
      maxContextSizeMb: later('max_context_size_mb', wholeNumber({ min: 1, unit: 'MB' }), {
        initial: 100,
        meaning: 'The most that the context of one agent may take.',
      }),
      cleanupIntervalMs: later('cleanup_interval', duration, {
        initial: 86_400_000,
        meaning: 'How often contexts beyond their retention are removed.',
      }),
    },
  },
  vectorDb: {
    section: 'vector_db',
    keys: {
      qdrantUrl: later('qdrant_url', httpUrl, {
        initial: 'http://localhost:6333',
        meaning: 'Address of the Qdrant server.',
      }),
      collectionName: later('collection_name', word, {
        initial: 'agent_knowledge',
        meaning: 'Collection that holds the knowledge of agents.',
      }),
      vectorDimension: later('vector_dimension', wholeNumber({ min: 1, max: 65_536 }), {
        initial: 384,
        meaning: 'Numbers in one vector; the embedding model decides it.',
      }),
      distanceMetric: later('distance_metric', choice(['Cosine', 'Euclidean', 'Dot']), {
        initial: 'Cosine',
        meaning: 'How the distance of two vectors is measured.',
      }),
    },
  },
  mcp: {
    section: 'mcp',
    keys: {
      verificationEnabled: later('verification_enabled', flag, {
        initial: true,
        meaning: 'Require a valid signature on tool definitions. The review by a person is needed in any case.',
      }),
      connectionTimeoutMs: now('connection_timeout', duration, {
        initial: 30_000,
        meaning: 'How long a tool server may take to connect and list its tools.',
      }),
      callTimeoutMs: now('call_timeout', duration, { initial: 60_000, meaning: 'How long one tool call may take.' }),
      maxConcurrentConnections: later('max_concurrent_connections', count, {
        initial: 10,
        meaning: 'How many tool servers may be connected at once.',
      }),
    },
  },
  schemapin: {
    section: 'schemapin',
    keys: {
      binaryPath: later('binary_path', optionalPath, {
        initial: null,
        meaning: 'An external SchemaPin program, where one is wanted.',
      }),
      timeoutMs: later('timeout', duration, { initial: 30_000, meaning: 'How long one verification may take.' }),
    },
  },
  policy: {
    section: 'policy',
    keys: {
      policyFile: now('policy_file', path, {
        initial: 'access_policies.yaml',
        meaning:
          'The policy file; a relative path starts at the data folder. Made with the shipped rules when missing.',
      }),
      enableCaching: later('enable_caching', flag, { initial: true, meaning: 'Keep decisions for equal requests.' }),
      cacheTtlMs: later('cache_ttl', duration, { initial: 300_000, meaning: 'How long a decision is kept.' }),
    },
  },
  scheduler: {
    section: 'scheduler',
    keys: {
      maxConcurrentTasks: later('max_concurrent_tasks', count, {
        initial: 100,
        meaning: 'How many tasks may run at once.',
      }),
      loadBalancingStrategy: later(
        'load_balancing_strategy',
        choice(['RoundRobin', 'LeastConnections', 'ResourceBased', 'WeightedRoundRobin']),
        { initial: 'ResourceBased', meaning: 'How the next task to start is admitted.' },
      ),
    },
  },
  communication: {
    section: 'communication',
    keys: {
      enableEncryption: later('enable_encryption', flag, {
        initial: true,
        meaning: 'Encrypt the payload of messages between agents.',
      }),
      maxMessageSizeBytes: later('max_message_size', bytes, {
        initial: 1_048_576,
        meaning: 'The largest message between agents.',
      }),
    },
  },
  errorHandler: {
    section: 'error_handler',
    keys: {
      enableAutoRecovery: later('enable_auto_recovery', flag, {
        initial: true,
        meaning: 'Recover from errors by itself.',
      }),
      maxRecoveryAttempts: later('max_recovery_attempts', wholeNumber({ min: 0, max: 100 }), {
        initial: 3,
        meaning: 'How often recovery is tried.',
      }),
    },
  },
  httpApi: {
    section: 'http_api',
    keys: {
      bindAddress: later('bind_address', address, {
        initial: '127.0.0.1',
        meaning: 'Address the HTTP API listens on.',
      }),
      port: later('port', wholeNumber({ min: 1, max: 65_535 }), {
        initial: 8080,
        meaning: 'Port the HTTP API listens on.',
      }),
      enableCors: later('enable_cors', flag, {
        initial: false,
        meaning: 'Let pages of other origins call the HTTP API.',
      }),
      enableTracing: later('enable_tracing', flag, { initial: true, meaning: 'Log each request of the HTTP API.' }),
    },
  },
  sandbox: {
    section: 'sandbox',
    keys: {
      allowTier0: now('allow_tier0', flag, {
        initial: false,
        meaning: 'Allow agents to run as plain processes, without walls. For development only.',
      }),
      image: now('image', image, { initial: 'node:22-slim', meaning: 'The container image that agents run in.' }),
      pullImages: now('pull_images', flag, {
        initial: true,
        meaning: 'Fetch a missing image from its registry; otherwise it is built from the Node.js of this machine.',
      }),
    },
  },
  secrets: {
    section: 'secrets',
    keys: {
      allowFileKey: now('allow_file_key', flag, {
        initial: true,
        meaning: 'Keep the master key in a file when the system has no keyring. The console shows when it does.',
      }),
    },
  },
  approvals: {
    section: 'approvals',
    keys: {
      timeoutMs: now('timeout', duration, {
        initial: 300_000,
        meaning: 'How long a person has to decide on an act that a rule holds; then it is denied.',
      }),
    },
  },
  audit: {
    section: 'audit',
    keys: {
      anchorDir: now('anchor_dir', optionalPath, {
        initial: null,
        meaning:
          'Folder of checkpoints.log, which remembers how far the audit trail went. Name one outside the data folder, on another disk where you can; not set, it lies in audit/anchors of the data folder.',
      }),
      webhookUrl: now('webhook_url', optionalHttpUrl, {
        initial: null,
        meaning:
          'Where checkpoints are sent too, as JSON by POST, so that somebody far away remembers how far the trail went. A redirect is not followed.',
      }),
      checkpointRows: now('checkpoint_rows', wholeNumber({ min: 1, max: 100_000, unit: 'records' }), {
        initial: 1_000,
        meaning: 'The audit trail is signed after so many records.',
      }),
      checkpointIntervalMs: now('checkpoint_interval', duration, {
        initial: 60_000,
        meaning: 'The audit trail is signed after this time at the latest, when there were records.',
      }),
    },
  },
  log: {
    section: 'log',
    keys: {
      level: now('level', choice(LOG_LEVELS), {
        initial: 'info',
        meaning: 'The least severe lines that the log keeps.',
      }),
    },
  },
} as const satisfies Readonly<Record<string, SectionSpec>>

type Sections = typeof SECTIONS

/** The configuration in force. Durations are in milliseconds (`…Ms`), sizes in bytes (`…Bytes`). */
export type Config = {
  readonly [S in keyof Sections]: {
    readonly [K in keyof Sections[S]['keys']]: Sections[S]['keys'][K] extends KeySpec<infer T> ? T : never
  }
}

/** Environment variables that win over the file. */
export const VARIABLES: readonly { readonly variable: string; readonly section: string; readonly key: string }[] = [
  { variable: 'SYMBI_LOG_LEVEL', section: 'log', key: 'level' },
  { variable: 'SYMBI_MAX_AGENTS', section: 'lifecycle', key: 'max_agents' },
  { variable: 'SYMBI_RESOURCE_ENFORCEMENT', section: 'resource', key: 'enforcement_enabled' },
  { variable: 'SYMBI_QDRANT_URL', section: 'vector_db', key: 'qdrant_url' },
  { variable: 'SYMBI_SCHEMAPIN_PATH', section: 'schemapin', key: 'binary_path' },
]
