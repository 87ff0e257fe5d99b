import type { ReactNode } from 'react'

export interface PageHeaderProps {
  readonly title: string
  readonly note?: ReactNode
  readonly children?: ReactNode
}

/** The title of a page with its acts at the right. */
export function PageHeader({ title, note, children }: PageHeaderProps) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line px-4">
      <h1 className="text-lg font-semibold tracking-[-0.01em]">{title}</h1>
      {note !== undefined && <div className="min-w-0 truncate text-text-3">{note}</div>}
      <div className="ml-auto flex items-center gap-2">{children}</div>
    </header>
  )
}
