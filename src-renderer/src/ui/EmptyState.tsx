import type { ReactNode } from 'react'

export interface EmptyStateProps {
  readonly title: string
  /** What to do about it, in a sentence. */
  readonly children: ReactNode
  readonly action?: ReactNode
}

/** Nothing here: why, and the one next step. */
export function EmptyState({ title, children, action }: EmptyStateProps) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-1 px-6 py-12 text-center">
      <h2 className="text-md font-semibold">{title}</h2>
      <p className="max-w-md text-text-2">{children}</p>
      {action !== undefined && <div className="mt-3">{action}</div>}
    </div>
  )
}
