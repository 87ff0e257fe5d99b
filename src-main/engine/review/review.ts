import type { CorrelationId, Tool, ToolId } from '@contract'
import { type Caller, RuntimeError } from '../core'
import type { Gate } from '../gate'
import type { Decision, Tools } from '../tools'

interface ReviewContext {
  readonly caller: Caller
  readonly correlationId: CorrelationId
}

export interface Review {
  /**
   * Approve or reject the definition that was shown, with a reason. Only a person decides.
   *
   * @throws REVIEW_002 unknown tool, REVIEW_003 another definition is offered by now, SEC_001 for an agent, POLICY_001
   */
  decide(context: ReviewContext, decision: Decision): Promise<Tool>
}

const nameOf = (tools: Tools, id: ToolId): string | null =>
  tools.tools().find((tool) => tool.id === id)?.qualifiedName ?? null

export const createReview = (ports: { gate: Gate; tools: Tools }): Review => {
  const { gate, tools } = ports
  return {
    decide(context, decision) {
      const name = nameOf(tools, decision.toolId)
      return gate.commit(
        {
          caller: context.caller,
          correlationId: context.correlationId,
          action: 'review.decide',
          resource: name ?? '(unknown tool)',
          arguments: { ...decision },
          details: { digest: decision.digest, decision: decision.decision, reason: decision.reason },
          precondition: () => {
            if (context.caller.kind === 'agent' || context.caller.kind === 'engine')
              throw new RuntimeError('SEC_001', 'Only a person decides which tools may be called.')
            if (name === null) throw new RuntimeError('REVIEW_002', 'There is no such tool.')
          },
        },
        (tx) => tools.recordDecision(tx, decision),
      )
    },
  }
}
