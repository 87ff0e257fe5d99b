import type { Backend } from '@contract'
import { useState } from 'react'
import { formatCount } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, Countdown, StatusBadge, TIERS, toastError, UntrustedText } from '@/ui'
import { BACKEND_LOOKS, KINDS } from './backend-looks'
import { RemoveBackendDialog } from './RemoveBackendDialog'

const CELL = 'px-3 py-1.5 align-top first:pl-4 last:pr-4'

function BackendRow({ backend, onRemove }: { readonly backend: Backend; readonly onRemove: () => void }) {
  const check = useCommand('backends.check')
  return (
    <tr data-backend={backend.id} data-state={backend.state} className="border-b border-line last:border-0">
      <td className={CELL}>
        <StatusBadge look={BACKEND_LOOKS[backend.state]} />
      </td>
      <td className={`${CELL} whitespace-nowrap`}>
        <span className="font-medium">{backend.title}</span>
        <span className="block text-xs text-text-3">
          <span className="font-mono">{backend.id}</span>
          {backend.removable && `, ${KINDS[backend.kind]}`}
        </span>
      </td>
      <td className={`${CELL} whitespace-nowrap`}>
        <span className="text-text-2">{backend.tiers.map((tier) => TIERS[tier].name).join(', ')}</span>
      </td>
      <td className={`${CELL} num text-right whitespace-nowrap`}>
        {formatCount(backend.running)} <span className="text-text-3">of {formatCount(backend.maxConcurrent)}</span>
      </td>
      <td className={`${CELL} num text-right`}>{backend.weight}</td>
      <td className={`${CELL} w-full text-text-2`}>
        <UntrustedText text={backend.cause} className="font-sans! text-sm!" />
        {backend.nextProbeAtMs !== null && (
          <span className="block text-xs text-text-3">
            tried again in <Countdown untilMs={backend.nextProbeAtMs} aheadMs={0} />
          </span>
        )}
      </td>
      <td className={`${CELL} whitespace-nowrap`}>
        <span className="flex justify-end gap-1.5">
          <Button
            size="small"
            busy={check.busy}
            aria-label={`Check ${backend.title}`}
            onPress={() =>
              void check.run({ id: backend.id }).then((outcome) => {
                if (!outcome.ok) toastError(outcome.error)
              })
            }
          >
            Check
          </Button>
          {backend.removable && (
            <Button size="small" variant="danger-quiet" aria-label={`Remove ${backend.title}`} onPress={onRemove}>
              Remove
            </Button>
          )}
        </span>
      </td>
    </tr>
  )
}

/** Where runs are executed: how each place is, how full, and what to do about it. */
export function BackendsTable({ backends }: { readonly backends: readonly Backend[] }) {
  const [removing, setRemoving] = useState<Backend | null>(null)
  if (backends.length === 0) return <p className="px-4 py-2 text-text-3">No back-end is known yet.</p>
  return (
    <>
      <table aria-label="Back-ends" className="w-full border-collapse text-left">
        <thead>
          <tr className="border-b border-line text-xs text-text-3">
            <th scope="col" className={`${CELL} font-normal`}>
              State
            </th>
            <th scope="col" className={`${CELL} font-normal`}>
              Back-end
            </th>
            <th scope="col" className={`${CELL} font-normal`}>
              Tiers
            </th>
            <th scope="col" className={`${CELL} text-right font-normal`}>
              Running
            </th>
            <th scope="col" className={`${CELL} text-right font-normal`}>
              Weight
            </th>
            <th scope="col" className={`${CELL} font-normal`}>
              Cause
            </th>
            <th scope="col" className={CELL}>
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {backends.map((backend) => (
            <BackendRow key={backend.id} backend={backend} onRemove={() => setRemoving(backend)} />
          ))}
        </tbody>
      </table>
      {removing !== null && <RemoveBackendDialog backend={removing} onClose={() => setRemoving(null)} />}
    </>
  )
}
