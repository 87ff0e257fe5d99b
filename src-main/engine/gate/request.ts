import type { Consequence, CorrelationId, Json, SecurityTier } from '@contract'
import type { WaitHooks } from '../approvals'
import type { Caller } from '../core'
import type { PolicyRequest } from '../policy'
import type { ActionName, FileAction, NetworkAction } from './actions'

interface RequestBase {
  readonly caller: Caller
  readonly correlationId: CorrelationId
  /** Path or name of the one thing that the act is about. */
  readonly resource: string
  /** The walls around the asking agent. */
  readonly tier?: SecurityTier | undefined
  /** More that rules may ask for, attested like the caller. */
  readonly facts?: Pick<PolicyRequest, 'roles' | 'labels' | 'capabilities' | 'tool' | 'environment'> | undefined
  /**
   * Exactly what the act is done with. A person who is asked sees it with secrets masked, and what is done must still be
   * that: the act has to use this very value. Give no secret where its digest will do.
   */
  readonly arguments?: Json | undefined
  /** Belongs to the exact act and is shown to nobody: a digest of a secret value. */
  readonly sealed?: string | undefined
  /** Worse than the table of actions says; milder counts for nothing. */
  readonly consequence?: Consequence | undefined
  /** How many bytes the act moves, for limits. */
  readonly bytes?: number | undefined
  /** Facts for the audit trail. Never a secret value. */
  readonly details?: Readonly<Record<string, Json>> | undefined
  /** Keep the beginning of each argument in the audit trail, masked; else only a digest, unless a rule asks for all. */
  readonly excerpt?: boolean
  /**
   * `every` outcome is recorded, or only `refusals` and failures: for what an agent does hundreds of times a second and that leaves
   * its own trace (a line of its log).
   */
  readonly record?: 'every' | 'refusals'
  /**
   * Set by the engine alone, for what has happened already, such as the end of a run: it is recorded, not asked for.
   * A rule could not undo it, only leave the run open for ever.
   */
  readonly accountOf?: 'fact'
  /**
   * Mechanical checks that come before the policy and that nobody can be talked out of: a grant the agent's definition
   * does not hold, a tool that is not approved. Throw to refuse. Asked again when a person has taken time to decide.
   */
  readonly precondition?: () => void
  /** What changes with the waiting for a person, in the same transactions. */
  readonly wait?: WaitHooks | undefined
  /** Aborted when what asks is gone, so that nobody is asked any longer. */
  readonly signal?: AbortSignal | undefined
}

interface PlainRequest extends RequestBase {
  readonly action: Exclude<ActionName, FileAction | NetworkAction>
}

interface FileRequest extends RequestBase {
  readonly action: FileAction
  /** Where the path leads once links are followed. */
  readonly realPath: string
}

interface NetworkRequest extends RequestBase {
  readonly action: NetworkAction
  /** What the host stands for right now, and what is connected to. */
  readonly addresses: readonly string[]
}

/** One thing that somebody asks for. What kind of thing and which operation it is stands in the table of actions. */
export type GateRequest = PlainRequest | FileRequest | NetworkRequest
