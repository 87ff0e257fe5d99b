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
  period,
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
      stateCheckIntervalMs: now('state_check_interval', duration, {
        initial: 5_000,
        meaning: 'How often the state of running agents is compared with their sandboxes.',
      }),
      enableAutoRecovery: now('enable_auto_recovery', flag, {
        initial: true,
        meaning: 'Start failed persistent agents again.',
      }),
      maxRestartAttempts: now('max_restart_attempts', wholeNumber({ min: 0, max: 100 }), {
        initial: 3,
        meaning: 'How often an agent is started again before it stays failed.',
      }),
      restartBackoffMs: now('restart_backoff', duration, {
        initial: 1_000,
        meaning: 'How long the first start after a failure waits; each further one up to twice as long, by chance.',
      }),
      restartBackoffMaxMs: now('restart_backoff_max', duration, {
        initial: 60_000,
        meaning: 'The longest that a start after a failure waits.',
      }),
      restartResetMs: now('restart_reset', duration, {
        initial: 300_000,
        meaning: 'An agent that ran so long without failing has all its attempts again.',
      }),
      runRetentionMs: now('run_retention', period, {
        initial: 2_592_000_000,
        meaning:
          'How long the log and the usage samples of a run are kept. Those of the newest 20 runs of an agent stay.',
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
      totalMemoryBytes: now('total_memory', wholeNumber({ min: 0, unit: 'bytes' }), {
        initial: 0,
        meaning: 'Memory that all agents together may be granted; 0 stands for what the machine has.',
      }),
      totalCpuCores: now('total_cpu_cores', wholeNumber({ min: 0, unit: 'cores' }), {
        initial: 0,
        meaning: 'Processor cores that all agents together may be granted; 0 stands for what the machine has.',
      }),
      totalDiskIoMbps: now('total_disk_io', wholeNumber({ min: 0, unit: 'MB/s' }), {
        initial: 0,
        meaning: 'Disk rate that all agents together may be granted; 0 takes 1000, since a machine does not tell.',
      }),
      totalNetworkIoMbps: now('total_network_io', wholeNumber({ min: 0, unit: 'MB/s' }), {
        initial: 0,
        meaning: 'Network rate that all agents together may be granted; 0 takes the speed of the fastest link, or 125.',
      }),
      reservePercent: now('reserve_percent', wholeNumber({ min: 0, max: 90, unit: 'percent' }), {
        initial: 10,
        meaning: 'Share of the totals that is held back for the console and the system.',
      }),
      violationAction: now('violation_action', choice(['LogOnly', 'Throttle', 'Stop']), {
        initial: 'Throttle',
        meaning: 'What happens to a run that uses more than it was granted, where the kernel does not hold it already.',
      }),
      stopAfterViolations: now('stop_after_violations', wholeNumber({ min: 1, max: 1_000 }), {
        initial: 5,
        meaning: 'A throttled run is stopped after so many measurements in a row beyond its grant.',
      }),
      historyRetentionMs: now('history_retention', duration, {
        initial: 604_800_000,
        meaning: 'How long the history of use is kept. It gets coarser with age.',
      }),
      enforcementEnabled: now('enforcement_enabled', flag, {
        initial: true,
        meaning: 'Refuse what goes beyond the totals. The limits of each sandbox hold in any case.',
      }),
      monitoringIntervalMs: now('monitoring_interval', duration, {
        initial: 30_000,
        meaning:
          'How often the whole machine is measured while runs are under way and nobody looks. Runs are measured each second.',
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
      maxConcurrentTasks: now('max_concurrent_tasks', count, {
        initial: 100,
        meaning: 'How many tasks may run at once.',
      }),
      ageingIntervalMs: now('ageing_interval', duration, {
        initial: 60_000,
        meaning: 'A waiting run counts as one priority more urgent after each such time, so that none waits for ever.',
      }),
      queueLimit: now('queue_limit', wholeNumber({ min: 1, max: 1_000_000, unit: 'runs' }), {
        initial: 100_000,
        meaning: 'How many runs may wait; more are refused.',
      }),
      loadBalancingStrategy: now(
        'load_balancing_strategy',
        choice(['RoundRobin', 'LeastConnections', 'ResourceBased', 'WeightedRoundRobin']),
        { initial: 'ResourceBased', meaning: 'How the next task to start is admitted.' },
      ),
    },
  },
  communication: {
    section: 'communication',
    keys: {
      enableEncryption: now('enable_encryption', flag, {
        initial: true,
        meaning: 'Encrypt the payload of messages between agents.',
      }),
      messageTtlMs: now('message_ttl', duration, {
        initial: 3_600_000,
        meaning: 'How long a message waits for its receiver, where the sender does not say.',
      }),
      maxQueueSize: now('max_queue_size', wholeNumber({ min: 1, max: 1_000_000, unit: 'messages' }), {
        initial: 10_000,
        meaning: 'How many messages may wait for one receiver; more are refused until some are read.',
      }),
      ackTimeoutMs: now('ack_timeout', duration, {
        initial: 30_000,
        meaning: 'A message that was handed over and not acknowledged is handed over again after this time.',
      }),
      retryAttempts: now('retry_attempts', wholeNumber({ min: 0, max: 100 }), {
        initial: 3,
        meaning: 'How often a message is handed over again before it becomes a dead letter.',
      }),
      deadLetterLimit: now('dead_letter_queue_size', wholeNumber({ min: 1, max: 1_000_000, unit: 'messages' }), {
        initial: 10_000,
        meaning: 'How many dead letters are kept; the oldest go first.',
      }),
      messageRetentionMs: now('message_retention', duration, {
        initial: 604_800_000,
        meaning: 'How long messages that were read are kept, sealed, for the Messages page.',
      }),
      keyRotationMs: now('key_rotation_interval', period, {
        initial: 2_592_000_000,
        meaning: 'The keys of each agent are renewed after this time. Old messages stay readable.',
      }),
      cryptoThreads: now('crypto_threads', wholeNumber({ min: 0, max: 64, unit: 'threads' }), {
        initial: 0,
        meaning: 'Threads that sign, seal, open and verify; 0 takes one less than the machine has cores, at least one.',
      }),
      maxMessageSizeBytes: now('max_message_size', bytes, {
        initial: 1_048_576,
        meaning: 'The largest message between agents.',
      }),
    },
  },
  errorHandler: {
    section: 'error_handler',
    keys: {
      breakerThreshold: now('circuit_breaker_threshold', wholeNumber({ min: 1, max: 1_000, unit: 'failures' }), {
        initial: 5,
        meaning: 'So many failures within the window open a circuit breaker.',
      }),
      breakerWindowMs: now('circuit_breaker_window', duration, {
        initial: 60_000,
        meaning: 'The window in which failures count.',
      }),
      breakerRestMs: now('circuit_breaker_timeout', duration, {
        initial: 10_000,
        meaning:
          'How long an open breaker rests before it lets one call through to see; longer each time, up to 16 times.',
      }),
      historyLimit: now('max_error_history', wholeNumber({ min: 1, max: 1_000_000, unit: 'failures' }), {
        initial: 10_000,
        meaning: 'How many failures the history keeps.',
      }),
      aggregationWindowMs: now('error_aggregation_window', duration, {
        initial: 300_000,
        meaning: 'Equal failures within this time are counted together.',
      }),
      escalationThreshold: now('escalation_threshold', wholeNumber({ min: 1, max: 10_000, unit: 'failures' }), {
        initial: 5,
        meaning: 'So many equal failures within the window are brought before a person.',
      }),
      enableAutoRecovery: now('enable_auto_recovery', flag, {
        initial: true,
        meaning: 'Recover from errors by itself.',
      }),
      maxRecoveryAttempts: now('max_recovery_attempts', wholeNumber({ min: 0, max: 100 }), {
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
