import clsx from 'clsx'
import type { ReactNode } from 'react'

/** A list of named facts, names left. */
export function Facts({ children, className }: { readonly children: ReactNode; readonly className?: string }) {
  return <dl className={clsx('grid grid-cols-[max-content_minmax(0,1fr)] gap-x-5 gap-y-1', className)}>{children}</dl>
}

/** One fact. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-text-3">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </>
  )
}
