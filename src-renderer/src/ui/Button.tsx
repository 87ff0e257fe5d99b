import clsx from 'clsx'
import { LoaderCircle } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button'
import { Tooltip } from './Tooltip'

export type ButtonVariant = 'default' | 'primary' | 'ghost' | 'danger' | 'danger-quiet'

const VARIANTS: Record<ButtonVariant, string> = {
  default: 'border-line-strong bg-raised text-text hover:bg-hover data-pressed:bg-active',
  primary: 'border-transparent bg-accent-solid text-on-accent hover:bg-accent-solid-hover',
  ghost: 'border-transparent text-text-2 hover:bg-hover hover:text-text data-pressed:bg-active',
  danger: 'border-transparent bg-bad-solid text-on-accent hover:bg-bad-solid-hover',
  'danger-quiet': 'border-line-strong bg-raised text-bad hover:bg-hover',
}

/** A busy button keeps the focus but does nothing; the library's own pending state announces an unnamed image. */
const BUSY = { onPress: () => undefined, 'aria-disabled': true } as const

export interface ButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'isPending'> {
  readonly variant?: ButtonVariant
  readonly size?: 'small' | 'normal'
  readonly busy?: boolean
  readonly icon?: ReactNode
  /** The key that does the same, shown but not part of the name. */
  readonly keyHint?: string
  readonly children: ReactNode
  readonly className?: string
}

/** A button with a verb on it. While busy it cannot be pressed again and keeps its width. */
export function Button({
  variant = 'default',
  size = 'normal',
  busy = false,
  icon,
  keyHint,
  children,
  className,
  ...rest
}: ButtonProps) {
  return (
    <AriaButton
      {...rest}
      {...(busy ? BUSY : {})}
      className={clsx(
        'inline-flex shrink-0 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap select-none',
        'disabled:opacity-45 aria-disabled:opacity-70',
        size === 'small' ? 'h-6 px-2 text-xs' : 'h-7 px-2.5 text-sm',
        VARIANTS[variant],
        className,
      )}
    >
      {busy ? <LoaderCircle size={14} className="spin" aria-hidden /> : icon}
      {children}
      {keyHint !== undefined && (
        <kbd aria-hidden className="ml-0.5 font-sans text-xs font-normal opacity-65">
          {keyHint}
        </kbd>
      )}
    </AriaButton>
  )
}

export interface IconButtonProps extends Omit<AriaButtonProps, 'className' | 'children' | 'isPending'> {
  /** The name of the act, spoken and shown on hover. */
  readonly label: string
  readonly keyHint?: string
  readonly busy?: boolean
  readonly pressed?: boolean
  readonly children: ReactNode
  readonly className?: string
}

/** An icon that acts; its name is shown on hover and focus. */
export function IconButton({ label, keyHint, busy = false, pressed, children, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip text={keyHint === undefined ? label : `${label}  ${keyHint}`}>
      <AriaButton
        {...rest}
        {...(busy ? BUSY : {})}
        aria-label={label}
        {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
        className={clsx(
          'inline-flex size-7 shrink-0 items-center justify-center rounded-md select-none',
          'hover:bg-hover hover:text-text disabled:opacity-40',
          pressed === true ? 'bg-active text-text' : 'text-text-2',
          className,
        )}
      >
        {busy ? <LoaderCircle size={16} className="spin" aria-hidden /> : children}
      </AriaButton>
    </Tooltip>
  )
}
