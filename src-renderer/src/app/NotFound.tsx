import { Link } from '@tanstack/react-router'
import { EmptyState } from '@/ui'

/** An address that leads nowhere. */
export function NotFound() {
  return (
    <EmptyState
      title="There is no such page"
      action={
        <Link to="/" className="font-medium text-accent underline underline-offset-2">
          Go to Overview
        </Link>
      }
    >
      The address may be old. Nothing was lost.
    </EmptyState>
  )
}
