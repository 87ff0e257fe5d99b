import type { CorrelationId } from '@contract'
import { type Caller, RuntimeError } from '../core'
import { type Breakers, isFault, type Recovery } from '../recovery'
import { isRefusedArguments, type ToolResult } from './connection'

export interface ServerCallPorts {
  /** One for each tool: it opens on faults and silence of its server, not on refusals. */
  readonly breakers: Pick<Breakers, 'run'>
  /** For the history of failures. */
  readonly noteFault: Recovery['note']
}

interface ServerCall {
  readonly caller: Caller
  readonly correlationId: CorrelationId
  readonly qualifiedName: string
}

const NOBODY = { agentId: null, agentName: null } as const

/** Call a server behind the breaker of its tool. Invariant T10. @throws RECOVERY_001 while it is open */
export const callServer = async (
  { breakers, noteFault }: ServerCallPorts,
  { caller, correlationId, qualifiedName }: ServerCall,
  call: () => Promise<ToolResult>,
): Promise<ToolResult> => {
  try {
    // A server that refuses the arguments has answered.
    const answer = await breakers.run(`tool:${qualifiedName}`, () =>
      call().catch((error: unknown) => {
        if (isRefusedArguments(error)) return { refused: error }
        throw error
      }),
    )
    if ('refused' in answer) throw answer.refused
    return answer
  } catch (error) {
    if (error instanceof RuntimeError && isFault(error.code) && !isRefusedArguments(error)) {
      const agent = caller.kind === 'agent' ? { agentId: caller.id, agentName: caller.name } : NOBODY
      noteFault({ ...agent, correlationId, code: error.code, message: `${qualifiedName}: ${error.message}` })
    }
    throw error
  }
}
