import type { PolicyReplay } from '@contract'
import { plural } from '@/lib/format'
import { Age, Button, Dialog, UntrustedText } from '@/ui'
import { Answer } from './Answer'

const DIRECTIONS = {
  looser: { word: 'allows more', colour: 'text-bad' },
  stricter: { word: 'allows less', colour: 'text-ok' },
  'same effect': { word: 'other rule, same effect', colour: 'text-text-3' },
} as const satisfies Record<PolicyReplay['changes'][number]['direction'], { word: string; colour: string }>

export interface ReplayDialogProps {
  readonly replay: PolicyReplay
  readonly act: 'Save policy' | 'Roll back'
  readonly busy: boolean
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** How many decisions would have been other ones. */
export const changedDecisions = ({ changes }: PolicyReplay): number =>
  changes.reduce((sum, { count }) => sum + count, 0)

/** What the new rules would have answered to the last decisions, before they come into force. */
export function ReplayDialog({ replay, act, busy, onConfirm, onClose }: ReplayDialogProps) {
  const changed = changedDecisions(replay)
  return (
    <Dialog
      title={`${plural(changed, 'decision')} would change`}
      isOpen
      onClose={onClose}
      width="wide"
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" busy={busy} onPress={onConfirm}>
            {act}
          </Button>
        </>
      }
    >
      <p className="mb-3 text-text-2">
        The last <span className="num">{plural(replay.replayed, 'decision')}</span> of the audit trail were asked again.
        These would have been answered differently. Nothing is in force yet.
      </p>
      <ul aria-label="Changes">
        {replay.changes.map((change) => (
          <li
            key={JSON.stringify([change.request, change.before, change.after])}
            data-direction={change.direction}
            className="border-t border-line py-2"
          >
            <div className="flex items-baseline gap-3">
              <span className="num w-12 shrink-0 text-right font-medium">{change.count}×</span>
              <span className="min-w-0 flex-1">
                {change.request.principal === 'agent' ? change.request.agentName : change.request.principal}{' '}
                <span className="text-text-2">
                  {change.request.operation} {change.request.resourceType}
                </span>{' '}
                <UntrustedText text={change.request.resource} />
              </span>
              <span className={DIRECTIONS[change.direction].colour}>{DIRECTIONS[change.direction].word}</span>
              <Age atMs={change.lastAtMs} className="num text-xs text-text-3" />
            </div>
            <div className="mt-0.5 grid grid-cols-[minmax(0,1fr)_auto_minmax(0,1fr)] gap-3 pl-15">
              <Answer answer={change.before} />
              <span className="text-text-3">then</span>
              <Answer answer={change.after} />
            </div>
          </li>
        ))}
      </ul>
    </Dialog>
  )
}
