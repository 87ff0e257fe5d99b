import type { CorrelationId, KeyStoreStatus, SecretSummary, SecurityTier } from '@contract'
import type { Caller, Clock, Events, Log, NewId, Redactor, SecretValue } from '../core'
import type { Gate, GateRequest } from '../gate'
import type { Store } from '../store'
import type { KeyStore } from './key-store'

/** Who asks, within which chain of events. */
export interface SecretsContext {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

/** A running agent that asks for a secret. */
export interface AgentSecretsContext extends SecretsContext, Pick<GateRequest, 'facts' | 'wait' | 'signal'> {
  readonly tier: SecurityTier
  /** Mechanical checks before the policy, such as the grants of the agent's definition. Throw to refuse. */
  readonly precondition?: () => void
  /** Gets how to stop masking the value; the run calls it at its end. */
  readonly onMasked: (unmask: () => void) => void
}

/** A part of the engine that needs a secret, and what for. */
export interface EngineSecretsContext extends SecretsContext {
  /** For the audit trail. */
  readonly purpose: string
}

export interface Secrets {
  list(): SecretSummary[]
  keyStoreStatus(): Promise<KeyStoreStatus>
  /** @throws SECRET_002 name or value not valid, SECRET_003 name taken, SECRET_004 no key, POLICY_001 */
  create(
    context: SecretsContext,
    secret: { readonly name: string; readonly value: string; readonly description: string },
  ): Promise<SecretSummary>
  /** For a person who wants to see it. @throws SECRET_001, SECRET_004, SECRET_005, POLICY_001; SEC_001 for an agent */
  reveal(context: SecretsContext, name: string): Promise<string>
  /** @throws SECRET_001, SECRET_002, SECRET_004, SECRET_005, POLICY_001; SEC_001 for anyone but an agent */
  readForAgent(context: AgentSecretsContext, name: string): Promise<SecretValue>
  /**
   * For the engine itself, which reaches another host with it. Masked like any value in use until `unmask` is called.
   * @throws SECRET_001, SECRET_002, SECRET_004, SECRET_005, POLICY_001; SEC_001 for anyone but the engine
   */
  readForEngine(context: EngineSecretsContext, name: string): Promise<{ value: SecretValue; unmask: () => void }>
  /** @throws SECRET_001, POLICY_001 */
  delete(context: SecretsContext, name: string, reason?: string): Promise<void>
  /** After a crash: remove files that no entry names, and tell which entries have lost their file. */
  reconcile(): Promise<{ readonly removedFiles: number; readonly missing: readonly string[] }>
  /** Forget the key and everything that is masked. */
  close(): void
}

export interface SecretsPorts {
  readonly gate: Gate
  readonly store: Store
  readonly keyStore: KeyStore
  /** Holds the sealed files; made with mode 0700. */
  readonly dir: string
  readonly clock: Clock
  readonly events: Events
  readonly redactor: Redactor
  readonly log: Log
  readonly newId: NewId
}
