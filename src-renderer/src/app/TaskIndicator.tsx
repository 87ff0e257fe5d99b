import type { Task } from '@contract'
import { LoaderCircle } from 'lucide-react'
import { Button as AriaButton } from 'react-aria-components/Button'
import { Dialog, DialogTrigger } from 'react-aria-components/Dialog'
import { Popover } from 'react-aria-components/Popover'
import { plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import { Age, Button, StatusBadge, toastError } from '@/ui'

const LOOKS = {
  running: { word: 'Running', shape: 'play', colour: 'text-run' },
  succeeded: { word: 'Done', shape: 'check', colour: 'text-ok' },
  failed: { word: 'Failed', shape: 'cross', colour: 'text-bad' },
  cancelled: { word: 'Cancelled', shape: 'square', colour: 'text-text-3' },
} as const

function TaskRow({ task }: { readonly task: Task }) {
  const cancel = useCommand('tasks.cancel')
  return (
    <li className="border-b border-line px-3 py-2 last:border-0">
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 truncate font-medium">{task.title}</span>
        <StatusBadge look={LOOKS[task.state]} className="text-xs" />
      </div>
      <div className="flex items-center gap-2 text-xs text-text-2">
        <span className="min-w-0 flex-1 truncate">{task.error?.message ?? task.step}</span>
        {task.endedAtMs !== null && <Age atMs={task.endedAtMs} className="num text-text-3" />}
        {task.state === 'running' && task.cancellable && (
          <Button
            size="small"
            busy={cancel.busy}
            onPress={() =>
              void cancel.run({ id: task.id }).then((outcome) => {
                if (!outcome.ok) toastError(outcome.error)
              })
            }
          >
            Cancel
          </Button>
        )}
      </div>
      {task.state === 'running' && (
        <progress
          aria-label={task.title}
          className="progress mt-1.5 block h-1 w-full"
          {...(task.progress === null ? {} : { value: task.progress, max: 1 })}
        />
      )}
    </li>
  )
}

/** What takes long: progress, cancel, and what ended lately. Hidden while there is nothing. */
export function TaskIndicator() {
  const tasks = useRead('tasks.list', {}).data ?? []
  if (tasks.length === 0) return null
  const running = tasks.filter((task) => task.state === 'running')
  return (
    <DialogTrigger>
      <AriaButton className="flex h-7 shrink-0 items-center gap-1.5 rounded-md px-2 text-text-2 hover:bg-hover">
        {running.length > 0 && <LoaderCircle size={14} className="spin" aria-hidden />}
        <span className="num whitespace-nowrap">{running.length > 0 ? plural(running.length, 'task') : 'Tasks'}</span>
      </AriaButton>
      <Popover
        placement="bottom end"
        className="fade-in w-80 rounded-md border border-line-strong bg-raised shadow-lift"
      >
        <Dialog aria-label="Tasks" className="outline-none">
          <ul className="max-h-96 overflow-y-auto">
            {tasks.map((task) => (
              <TaskRow key={task.id} task={task} />
            ))}
          </ul>
        </Dialog>
      </Popover>
    </DialogTrigger>
  )
}
