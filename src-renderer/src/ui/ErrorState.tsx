import clsx from 'clsx'
import type { ReactNode } from 'react'
import type { AppError } from '@/lib/app-error'
import { Button } from './Button'
import { StateShape } from './StateShape'
import { Marked } from './UntrustedText'

export interface ErrorStateProps {
  readonly error: AppError
  readonly onRetry?: (() => void) | undefined
}

/** A read failed: what happened, its code, what to do, and a way to try again where that can help. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  return (
    <div role="alert" className="flex flex-1 flex-col items-center justify-center gap-1 px-6 py-12 text-center">
      <h2 className="flex items-center gap-2 text-md font-semibold">
        <StateShape shape="cross" className="text-bad" />
        <bdi>
          <Marked text={error.message} />
        </bdi>
      </h2>
      <p className="max-w-md text-text-2">{error.nextStep}</p>
      <p className="font-mono text-xs text-text-3">{error.code}</p>
      {error.retryable && onRetry !== undefined && (
        <Button className="mt-3" onPress={onRetry}>
          Retry
        </Button>
      )}
    </div>
  )
}

export interface NoticeProps {
  readonly tone: 'bad' | 'wait' | 'ok' | 'change' | 'plain'
  readonly title: ReactNode
  readonly children?: ReactNode
  readonly action?: ReactNode
  readonly role?: 'alert' | 'status'
}

const TONES = {
  bad: { colour: 'text-bad', band: 'border-l-bad bg-bad/7', shape: 'cross' },
  wait: { colour: 'text-wait', band: 'border-l-wait bg-wait/8', shape: 'triangle' },
  ok: { colour: 'text-ok', band: 'border-l-ok bg-ok/8', shape: 'check' },
  change: { colour: 'text-change', band: 'border-l-change bg-change/8', shape: 'triangle' },
  plain: { colour: 'text-text-2', band: 'border-l-line-strong bg-sunken', shape: 'ring' },
} as const

/** A band that says something about what stands below it. */
export function Notice({ tone, title, children, action, role = 'status' }: NoticeProps) {
  const look = TONES[tone]
  return (
    <div role={role} className={clsx('flex items-start gap-2.5 border-l-2 px-3 py-2', look.band)}>
      <StateShape shape={look.shape} className={clsx('mt-[5px] shrink-0', look.colour)} />
      <div className="min-w-0 flex-1">
        <p className="font-medium [overflow-wrap:anywhere]">{title}</p>
        {children !== undefined && <div className="text-text-2 [overflow-wrap:anywhere]">{children}</div>}
      </div>
      {action}
    </div>
  )
}

/** A failed act, shown where it was tried. */
export function ErrorNotice({ error, action }: { readonly error: AppError; readonly action?: ReactNode }) {
  return (
    <Notice tone="bad" role="alert" title={<Marked text={error.message} />} action={action}>
      {error.nextStep} <span className="font-mono text-xs text-text-3">{error.code}</span>
    </Notice>
  )
}
