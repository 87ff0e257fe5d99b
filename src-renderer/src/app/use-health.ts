import type { DoctorCheck } from '@contract'
import { useRead } from '@/lib/queries'

export interface Health {
  readonly status: DoctorCheck['status']
  readonly word: string
  readonly cause: string
}

/**
 * One word for the whole: the engine's own state first, then what fails. A tier that is not usable is a warning as
 * long as another one with walls works; it is a failure when none does.
 */
export const useHealth = (): Health => {
  const info = useRead('system.info', {}).data
  const overview = useRead('system.overview', {}).data
  if (info?.engine.state === 'failed')
    return { status: 'fail', word: 'Engine failed', cause: info.engine.error.message }
  if (info === undefined || info.engine.state === 'starting' || overview === undefined) {
    return { status: 'warn', word: 'Starting', cause: 'The engine is starting.' }
  }
  if (overview.tiers.length === 0)
    return { status: 'warn', word: 'Checking', cause: 'The sandboxes are being looked at.' }
  const walled = overview.tiers.filter((tier) => tier.tier !== 'tier0')
  if (!walled.some((tier) => tier.status === 'pass')) {
    const cause = walled[0]?.cause ?? 'No sandbox is usable.'
    return walled.some((tier) => tier.status === 'warn')
      ? { status: 'warn', word: 'Degraded', cause }
      : { status: 'fail', word: 'No sandbox', cause }
  }
  if (overview.serversFailed > 0) return { status: 'warn', word: 'Degraded', cause: 'A tool server has failed.' }
  return { status: 'pass', word: 'Healthy', cause: 'The engine runs and agents can be isolated.' }
}
