import type { ErrorType, ExecutionMode, RecoveryStep } from '@contract'

/** What is done about a type of failure: when the program had not been started, and when it had. */
export interface Strategy {
  readonly notStarted: RecoveryStep
  readonly started: RecoveryStep
  /** For the timeline: why. */
  readonly why: string
}

/** The one table of strategies. */
export const STRATEGIES = {
  'resource-exhausted': {
    notStarted: 'retry',
    started: 'restart',
    why: 'What it lacked may be free again after a while.',
  },
  network: { notStarted: 'retry', started: 'restart', why: 'What could not be reached may be back after a while.' },
  security: {
    notStarted: 'terminate',
    started: 'terminate',
    why: 'A security rule was violated, so it is not run again.',
  },
  policy: {
    notStarted: 'suspend',
    started: 'suspend',
    why: 'The policy refused what it needs; a person has to change the rule or the agent.',
  },
  validation: { notStarted: 'none', started: 'none', why: 'It would fail in the same way again.' },
  sandbox: {
    notStarted: 'failover',
    started: 'failover',
    why: 'Its back-end failed; another one is taken where there is one.',
  },
  program: { notStarted: 'none', started: 'restart', why: 'Its program failed.' },
  timeout: { notStarted: 'retry', started: 'restart', why: 'It took too long, which may pass.' },
  system: { notStarted: 'retry', started: 'restart', why: 'The failure was not its own.' },
} as const satisfies Record<ErrorType, Strategy>

interface ModeRules {
  /** A run that was under way may be started again: what it did, it may do twice. */
  readonly restarts: boolean
  /** A run that never began may be tried again: nothing is done twice. */
  readonly retries: boolean
  /** The engine would start it again by itself, so it can be held back from that. */
  readonly contained: boolean
}

/** What may be done to agents of each mode. Schedules have retries of their own; external agents are not run here. */
export const MODES = {
  persistent: { restarts: true, retries: true, contained: true },
  'event-driven': { restarts: true, retries: true, contained: true },
  scheduled: { restarts: false, retries: true, contained: true },
  ephemeral: { restarts: false, retries: true, contained: false },
  external: { restarts: false, retries: false, contained: false },
} as const satisfies Record<ExecutionMode, ModeRules>

/** The step that the tables give, and why, before it is asked whether any attempt is left. */
export const stepFor = (failure: {
  readonly type: ErrorType
  readonly mode: ExecutionMode
  readonly started: boolean
}): { readonly step: RecoveryStep; readonly why: string } => {
  const { type, mode, started } = failure
  const strategy = STRATEGIES[type]
  const rules = MODES[mode]
  const step = started ? strategy.started : strategy.notStarted
  switch (step) {
    case 'suspend':
    case 'terminate':
      return rules.contained
        ? { step, why: strategy.why }
        : { step: 'none', why: `${strategy.why} It is not started by itself, so nothing has to be held back.` }
    case 'retry':
    case 'restart':
    case 'failover':
      if (started ? rules.restarts : rules.retries) return { step, why: strategy.why }
      return {
        step: 'none',
        why: started
          ? `A run of a ${mode} agent that had begun is not begun again: what it did would be done twice.`
          : 'An external agent is not run here.',
      }
    default:
      return { step, why: strategy.why }
  }
}

/**
 * How long the attempt waits: by chance between nothing and a bound that doubles with each attempt ("full jitter"), so that
 * many that failed together do not come back together. Source: Exponential Backoff And Jitter, AWS Architecture Blog, 2015.
 */
export const backoffMs = (
  attempt: number,
  rules: { readonly firstMs: number; readonly longestMs: number; readonly random: () => number },
): number => {
  const boundMs = Math.min(rules.longestMs, rules.firstMs * 2 ** Math.min(30, Math.max(0, attempt - 1)))
  return Math.floor(rules.random() * boundMs)
}
