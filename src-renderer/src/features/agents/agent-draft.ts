import type { AgentDefinition, Capability } from '@contract'

/** The definition while it is typed: numbers and lists are text, so that nothing typed is lost. */
export interface AgentDraft {
  readonly name: string
  readonly description: string
  readonly source: string
  readonly tier: AgentDefinition['securityTier']
  readonly memoryMb: string
  readonly cpuCores: string
  readonly executionTimeoutS: string
  readonly idleTimeoutS: string
  readonly capabilities: readonly Capability[]
  readonly tools: string
  readonly secrets: string
  readonly messages: string
  readonly mode: AgentDefinition['executionMode']
  readonly priority: AgentDefinition['priority']
  readonly concurrency: string
  readonly heartbeatS: string
  /** What this form does not show, kept as it is. */
  readonly rest: Pick<AgentDefinition, 'files' | 'metadata'> & {
    readonly diskIoMbps: number
    readonly networkIoMbps: number
  }
}

/** What each capability lets an agent ask for; the policy still decides about each request. */
export const CAPABILITIES = {
  memory: 'Keep notes between its runs',
  tools: 'Call approved tools',
  secrets: 'Ask for secrets by name',
  messages: 'Write to other agents and to topics',
} as const satisfies Record<Capability, string>

export const CAPABILITY_ORDER = Object.keys(CAPABILITIES) as readonly Capability[]

const lines = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '')

const seconds = (ms: number): string => String(ms / 1000)

/** Open a definition in the form. */
export const draftOf = (definition: AgentDefinition): AgentDraft => ({
  name: definition.name,
  description: definition.description,
  source: definition.source.text,
  tier: definition.securityTier,
  memoryMb: String(definition.limits.memoryMb),
  cpuCores: String(definition.limits.cpuCores),
  executionTimeoutS: seconds(definition.limits.executionTimeoutMs),
  idleTimeoutS: seconds(definition.limits.idleTimeoutMs),
  capabilities: definition.capabilities,
  tools: definition.tools.join('\n'),
  secrets: definition.secrets.join('\n'),
  messages: definition.messages.join('\n'),
  mode: definition.executionMode,
  priority: definition.priority,
  concurrency: String(definition.concurrency),
  heartbeatS: seconds(definition.heartbeatIntervalMs),
  rest: {
    files: definition.files,
    metadata: definition.metadata,
    diskIoMbps: definition.limits.diskIoMbps,
    networkIoMbps: definition.limits.networkIoMbps,
  },
})

const milliseconds = (text: string): number => Math.round(Number(text) * 1000)

/** The definition to send. It may be invalid: the engine says which field, and the form shows it there. */
export const definitionOf = (draft: AgentDraft): AgentDefinition => ({
  name: draft.name.trim(),
  description: draft.description.trim(),
  source: { language: 'javascript', text: draft.source },
  files: draft.rest.files,
  executionMode: draft.mode,
  securityTier: draft.tier,
  limits: {
    memoryMb: Number(draft.memoryMb),
    cpuCores: Number(draft.cpuCores),
    diskIoMbps: draft.rest.diskIoMbps,
    networkIoMbps: draft.rest.networkIoMbps,
    executionTimeoutMs: milliseconds(draft.executionTimeoutS),
    idleTimeoutMs: milliseconds(draft.idleTimeoutS),
  },
  capabilities: [...draft.capabilities],
  tools: lines(draft.tools),
  secrets: lines(draft.secrets),
  messages: lines(draft.messages),
  priority: draft.priority,
  concurrency: Number(draft.concurrency),
  heartbeatIntervalMs: milliseconds(draft.heartbeatS),
  metadata: draft.rest.metadata,
})
