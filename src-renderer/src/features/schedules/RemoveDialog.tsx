import type { Schedule } from '@contract'
import { plural } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, toastDone } from '@/ui'

export interface RemoveDialogProps {
  readonly schedule: Schedule
  readonly onClose: () => void
  readonly onRemoved: () => void
}

/** Removing takes the history along and cannot be undone. */
export function RemoveDialog({ schedule, onClose, onRemoved }: RemoveDialogProps) {
  const remove = useCommand('schedules.remove')
  const { succeeded, failed, skipped } = schedule.runs
  const submit = async () => {
    const outcome = await remove.run({ id: schedule.id })
    if (!outcome.ok) return
    toastDone(`The schedule ${schedule.definition.name} is removed.`)
    onRemoved()
  }
  return (
    <Dialog
      title="Remove this schedule?"
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button variant="danger" busy={remove.busy} onPress={() => void submit()}>
            Remove schedule
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <p>
          <span className="font-medium">{schedule.definition.name}</span> is removed with its history of{' '}
          {plural(succeeded + failed + skipped, 'time')}. The agent, its runs and the audit trail stay.
          {schedule.running > 0 && ' A run that is under way goes on.'} This cannot be undone.
        </p>
        {remove.error !== null && <ErrorNotice error={remove.error} />}
      </div>
    </Dialog>
  )
}
