import { type Amounts, RESOURCE_KINDS, type ResourceAlert, type ResourceKind, type Usage } from '@contract'
import { FIELD_OF, nameOf } from './amounts'

const WARNING = 0.8
const CRITICAL = 0.95
/** An alert ends, or becomes milder, only this far below where it began: a share that wavers does not blink. */
const HYSTERESIS = 0.05

type What = ResourceAlert['what']
type Level = ResourceAlert['level'] | null

export interface Shares {
  /** What may be granted in all: the totals without the reserve. */
  readonly grantable: Amounts
  readonly granted: Amounts
  readonly used: Usage
}

/** Says when most of what may be granted is granted, or used. Call it whenever something may have changed. */
export interface Alerts {
  update(shares: Shares, atMs: number): readonly ResourceAlert[]
}

export const createAlerts = (): Alerts => {
  const open = new Map<string, ResourceAlert>()

  const levelOf = (share: number, before: Level): Level => {
    if (share >= CRITICAL || (before === 'critical' && share >= CRITICAL - HYSTERESIS)) return 'critical'
    if (share >= WARNING || (before !== null && share >= WARNING - HYSTERESIS)) return 'warning'
    return null
  }

  const look = (of: { kind: ResourceKind; what: What; share: number | null; atMs: number }): void => {
    const { kind, what, share, atMs } = of
    const key = `${kind} ${what}`
    const before = open.get(key)
    const level = share === null ? null : levelOf(share, before?.level ?? null)
    if (share === null || level === null) {
      open.delete(key)
      return
    }
    const sinceMs = before?.level === level ? before.sinceMs : atMs
    open.set(key, { kind, what, level, share, text: sentence({ kind, what, share }), sinceMs })
  }

  return {
    update({ grantable, granted, used }, atMs) {
      for (const kind of RESOURCE_KINDS) {
        const all = grantable[FIELD_OF[kind]]
        const share = (value: number | null): number | null =>
          value === null || value === 0 ? null : all === 0 ? 1 : value / all
        look({ kind, what: 'granted', share: share(granted[FIELD_OF[kind]]), atMs })
        look({ kind, what: 'used', share: share(used[FIELD_OF[kind]]), atMs })
      }
      return [...open.values()].sort((a, b) => Number(b.level === 'critical') - Number(a.level === 'critical'))
    },
  }
}

const sentence = ({ kind, what, share }: { kind: ResourceKind; what: What; share: number }): string => {
  const percent = `${Math.floor(share * 100)} %`
  return what === 'granted'
    ? `${percent} of the ${nameOf(kind)} that may be granted is granted. Runs that need more than is left wait.`
    : `Agents use ${percent} of the ${nameOf(kind)} that may be granted.`
}
