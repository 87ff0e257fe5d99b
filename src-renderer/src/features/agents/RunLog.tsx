import type { ReactNode } from 'react'
import { toAppError } from '@/lib/app-error'
import { downloadText } from '@/lib/download'
import { plural } from '@/lib/format'
import { ErrorNotice, LogView, logAsText, toastError } from '@/ui'
import { readWholeLog, useRunLog } from './log-source'

export interface RunLogProps {
  readonly executionId: string
  readonly label?: string
  /** It has not started yet. */
  readonly waits?: boolean
  readonly tools?: ReactNode
}

/** The log of one run, live while it goes on. */
export function RunLog({ executionId, label = 'Run log', waits = false, tools }: RunLogProps) {
  const log = useRunLog(executionId)
  const download = () => {
    readWholeLog(executionId).then(
      (lines) => downloadText(`run-${executionId}.log`, logAsText(lines)),
      (thrown: unknown) => toastError(toAppError(thrown)),
    )
  }
  return (
    <>
      {log.error !== null && <ErrorNotice error={log.error} />}
      <LogView
        label={label}
        lines={log.items}
        live={!log.ended && !waits}
        emptyText={
          waits
            ? 'It has not started yet.'
            : log.ended
              ? 'This run wrote nothing.'
              : log.loaded
                ? 'Nothing written yet.'
                : 'Reading the log.'
        }
        note={log.dropped > 0 ? `${plural(log.dropped, 'older line')} not kept here, download has all` : null}
        hasOlder={log.hasOlder}
        onOlder={log.loadOlder}
        onDownload={download}
        tools={tools}
      />
    </>
  )
}
