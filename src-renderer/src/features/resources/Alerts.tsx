import type { ResourceOverview } from '@contract'
import { Age, Notice } from '@/ui'

/** What the numbers alone would not make one look at. */
export function Alerts({ overview }: { readonly overview: ResourceOverview }) {
  return (
    <>
      {!overview.enforcing && (
        <Notice tone="wait" title="Requests beyond the totals are not refused.">
          More can be granted than there is, since resource.enforcement_enabled is off. The limits of each sandbox hold
          all the same.
        </Notice>
      )}
      {overview.alerts.map((alert) => (
        <Notice
          key={`${alert.kind} ${alert.what}`}
          tone={alert.level === 'critical' ? 'bad' : 'wait'}
          title={alert.text}
        >
          Began <Age atMs={alert.sinceMs} />
        </Notice>
      ))}
    </>
  )
}
