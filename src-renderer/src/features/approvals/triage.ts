import type { ApprovalScope, ApprovalSummary } from '@contract'
import { formatMinutes } from '@/lib/format'
import { isPlain } from '@/lib/untrusted'

/** The scopes in the order of their keys: 1 to 4, always the same ones, whatever an act offers. */
export const SCOPES = ['once', 'run', 'arguments', 'minutes'] as const satisfies readonly ApprovalScope[]

export const SCOPE_WORDS = {
  once: 'Once',
  run: 'This run',
  arguments: 'These arguments',
  minutes: 'For a time',
} as const satisfies Record<ApprovalScope, string>

/** What is asked for unless the person says another number. */
export const DEFAULT_MINUTES = { arguments: 1440, minutes: 15 } as const

export const MAX_MINUTES = 43_200
export const SHORTEST_REASON = 3
/** As many as the engine takes at once. */
const MOST_TOGETHER = 100

/** True for a scope that stands for a number of minutes. */
export const isTimed = (scope: ApprovalScope): scope is keyof typeof DEFAULT_MINUTES => scope in DEFAULT_MINUTES

/** The number of minutes that was typed; null when it is none that the engine takes. */
export const readMinutes = (text: string): number | null => {
  const minutes = Number(text)
  return Number.isInteger(minutes) && minutes >= 1 && minutes <= MAX_MINUTES ? minutes : null
}

export interface Reach {
  readonly scope: ApprovalScope
  readonly minutes: number | null
}

/** How far a yes reaches, in a sentence that names who and what. */
export const reachSentence = (approval: ApprovalSummary, { scope, minutes }: Reach): string => {
  const { who, action } = approval
  const time = minutes === null ? 'a time' : formatMinutes(minutes)
  switch (scope) {
    case 'once':
      return `${who.name} may do exactly this, one time. The next time it asks again.`
    case 'run':
      return `${who.name} may do ${action} on this resource until its run ends, whatever the arguments.`
    case 'arguments':
      return `${who.name} may do exactly this, with these arguments, for ${time}, as often as it wants.`
    case 'minutes':
      return `${who.name} may do ${action} on this resource for ${time}, whatever the arguments.`
  }
}

/**
 * What a person has to type before something is destroyed: the name of the resource, or its last part when the whole
 * is long, or the act when the name cannot be typed because it holds hidden characters.
 */
export const nameToType = ({ resource, action }: Pick<ApprovalSummary, 'resource' | 'action'>): string => {
  const short = resource.trim()
  if (short !== '' && short.length <= 60 && isPlain(short)) return short
  const last = short.split('/').at(-1)?.trim() ?? ''
  return last !== '' && last.length <= 60 && isPlain(last) ? last : action
}

/** The requests that may be decided together with this one, itself included: equal acts of the mildest grade. */
export const equalsOf = (pending: readonly ApprovalSummary[], approval: ApprovalSummary): readonly ApprovalSummary[] =>
  approval.consequence !== 'metadata'
    ? [approval]
    : pending
        .filter(
          ({ digest, consequence, status }) =>
            status === 'pending' && digest === approval.digest && consequence === 'metadata',
        )
        .slice(0, MOST_TOGETHER)

/** Where to go when these are gone from the queue: to the next one below, else to the one above, else nowhere. */
export const nextAfter = (
  pending: readonly ApprovalSummary[],
  gone: ReadonlySet<string>,
  currentId: string,
): ApprovalSummary | undefined => {
  const at = pending.findIndex(({ id }) => id === currentId)
  return (
    pending.slice(at + 1).find(({ id }) => !gone.has(id)) ??
    pending
      .slice(0, Math.max(0, at))
      .reverse()
      .find(({ id }) => !gone.has(id))
  )
}
