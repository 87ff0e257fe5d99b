import type { LogLine } from '@contract'
import clsx from 'clsx'
import { memo, useState } from 'react'
import { formatClockMs, formatDateTime } from '@/lib/format'
import { Marked } from './UntrustedText'

/** A longer line is cut here until it is asked for in full, so that one line cannot freeze the view. */
const LINE_CAP = 2000

const LEVELS: Record<LogLine['level'], string> = {
  debug: 'text-text-3',
  info: 'text-text',
  warn: 'text-wait',
  error: 'text-bad',
}

const SOURCES: Record<LogLine['source'], string> = {
  agent: 'text-text-3',
  gateway: 'text-change',
  engine: 'text-hold',
}

export interface LogRowProps {
  readonly line: LogLine
  readonly wrap: boolean
  readonly needle: string
}

/** One line: time, who wrote it, level as a word when it matters, and the text with hidden characters named. */
export const LogRow = memo(function LogRow({ line, wrap, needle }: LogRowProps) {
  const [full, setFull] = useState(false)
  const cut = !full && line.text.length > LINE_CAP
  return (
    <div className="flex gap-3 px-4 leading-5 hover:bg-hover" data-level={line.level} data-source={line.source}>
      <time className="num shrink-0 text-text-3 select-none" title={formatDateTime(line.atMs)}>
        {formatClockMs(line.atMs)}
      </time>
      <span className={clsx('w-14 shrink-0 select-none', SOURCES[line.source])}>{line.source}</span>
      <span className={clsx('w-10 shrink-0 select-none', LEVELS[line.level])}>
        {line.level === 'info' ? '' : line.level}
      </span>
      <bdi
        className={clsx(
          'min-w-0',
          LEVELS[line.level],
          wrap ? 'flex-1 whitespace-pre-wrap [overflow-wrap:anywhere]' : 'whitespace-pre',
        )}
      >
        <Marked text={cut ? line.text.slice(0, LINE_CAP) : line.text} needle={needle} />
        {cut && (
          <button type="button" onClick={() => setFull(true)} className="ml-2 font-sans text-accent underline">
            Show all {line.text.length} characters
          </button>
        )}
      </bdi>
    </div>
  )
})
