import { toAppError } from '@/lib/app-error'
import { ErrorState } from '@/ui'

/** A page that threw while it was drawn: the rest of the console stays usable. */
export function PageFailed({ error, reset }: { readonly error: unknown; readonly reset: () => void }) {
  return <ErrorState error={toAppError(error)} onRetry={reset} />
}
