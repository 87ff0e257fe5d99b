import clsx from 'clsx'
import { type ComponentProps, type ReactNode, useId } from 'react'

export interface ControlProps {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': true | undefined
}

export interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  readonly error?: string | undefined
  readonly optional?: boolean
  readonly className?: string
  readonly children: (control: ControlProps) => ReactNode
}

/** A label above a control, with its hint or error below it, wired for assistive technology. */
export function Field({ label, hint, error, optional = false, className, children }: FieldProps) {
  const id = useId()
  const noteId = `${id}-note`
  const hasNote = error !== undefined || hint !== undefined
  return (
    <div className={clsx('flex min-w-0 flex-col gap-1', className)}>
      <div className="flex items-baseline gap-2">
        <label htmlFor={id} className="text-sm font-medium text-text">
          {label}
        </label>
        {optional && <span className="text-xs text-text-3">optional</span>}
      </div>
      {children({
        id,
        'aria-describedby': hasNote ? noteId : undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {hasNote && (
        <p id={noteId} className={clsx('text-xs', error === undefined ? 'text-text-3' : 'text-bad')}>
          {error ?? hint}
        </p>
      )}
    </div>
  )
}

const CONTROL =
  'w-full min-w-0 rounded-md border border-field-line bg-panel px-2 text-sm text-text aria-invalid:border-bad disabled:opacity-50'

/** One line of text. */
export function TextInput({ className, ...rest }: ComponentProps<'input'>) {
  return (
    <input type="text" autoComplete="off" spellCheck={false} {...rest} className={clsx(CONTROL, 'h-7', className)} />
  )
}

/** Several lines of text. */
export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      autoComplete="off"
      spellCheck={false}
      {...rest}
      className={clsx(CONTROL, 'block resize-y py-1.5 leading-5', className)}
    />
  )
}

/** A choice from a short closed list. */
export function Select({ className, ...rest }: ComponentProps<'select'>) {
  return <select {...rest} className={clsx(CONTROL, 'h-7 pr-1', className)} />
}
