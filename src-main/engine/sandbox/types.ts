import type { Readable, Writable } from 'node:stream'
import type {
  AgentFile,
  AgentId,
  Backend,
  BackendId,
  CorrelationId,
  DoctorCheck,
  Enforcement,
  ExecutionId,
  ResourceKind,
  ResourceLimits,
  SecurityTier,
  StatsSample,
} from '@contract'

/** Everything a driver needs to build the walls for one execution. */
export interface SandboxSpec {
  readonly agentId: AgentId
  readonly executionId: ExecutionId
  readonly correlationId: CorrelationId
  readonly limits: ResourceLimits
  /** Staged under /work: the program as agent.mjs, input.json, files/*, and the client library as node_modules/symbi. */
  readonly program: string
  readonly inputJson: string
  readonly files: readonly AgentFile[]
}

/** How a sandbox came to its end. */
export interface SandboxExit {
  readonly exitCode: number | null
  readonly signal: string | null
  readonly outOfMemory: boolean
}

/** One set of walls around one execution. Everything here is safe to call in any order and more than once. */
export interface Sandbox {
  /** The back-end's own id: container id, process id. */
  readonly id: string
  readonly backend: string
  readonly image: string | null
  /** Limits that this back-end or host cannot enforce, each in words. */
  readonly notEnforced: readonly string[]
  /** Start the program. stdin and stdout carry MCP, stderr is its log. Rejects with SANDBOX_002. */
  start(signal: AbortSignal): Promise<SandboxIo>
  /** Resolves once, when the program has ended however it ended. Rejects with SANDBOX_004 when that cannot be known. */
  wait(): Promise<SandboxExit>
  /** Samples about once a second until it ends; returns how to stop. */
  stats(onSample: (sample: StatsSample) => void): () => void
  /** Freeze and thaw the whole sandbox. */
  pause(): Promise<void>
  resume(): Promise<void>
  /** How each limit is kept here. */
  readonly enforcement: Readonly<Record<ResourceKind, Enforcement>>
  /**
   * Hold it down to this share of its processors (0 to 1), or give it all of them back with null. Resolves with
   * whether the back-end can do that.
   */
  throttle(share: number | null): Promise<boolean>
  /**
   * Told when the back-end stops answering while the program may still run, and when it was found again with its
   * streams re-attached. Until then nothing is known of it; `wait` settles only when its end is certain.
   */
  onLink(listener: (link: 'lost' | 'back', reason: string) => void): () => void
  /** Ask it to end (SIGTERM, thawing it first), then end it after `graceMs`. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>
  /** End it now and leave nothing behind. */
  destroy(): Promise<void>
}

export interface SandboxIo {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
}

/** A sandbox found on the back-end that carries our labels. */
export interface FoundSandbox {
  readonly id: string
  readonly executionId: string
  destroy(): Promise<void>
}

/** Whether a tier can be used here, found out by trying, never by the presence of a binary. */
export interface TierStatus {
  readonly tier: SecurityTier
  readonly status: DoctorCheck['status']
  readonly cause: string
  readonly fix: string
  readonly command: string | null
}

export interface SandboxDriver {
  /** Such as `process:local`, `docker:local`, `docker:NAME`. */
  readonly id: BackendId
  readonly title: string
  readonly kind: Backend['kind']
  readonly tier: SecurityTier
  probe(signal: AbortSignal): Promise<TierStatus>
  /**
   * Make sure that what a run needs is there (the image); slow the first time. Reports what it does.
   * @throws SANDBOX_001 when the tier is not usable, SANDBOX_003 when there is no image.
   */
  prepare(signal: AbortSignal, onProgress: (step: string, progress: number | null) => void): Promise<void>
  /** @throws SANDBOX_002 */
  create(spec: SandboxSpec): Promise<Sandbox>
  /** What carries this installation's labels on the back-end, from this or an earlier start of the engine. */
  found(): Promise<readonly FoundSandbox[]>
}
