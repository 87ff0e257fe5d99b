import type { SecretSummary } from '@contract'
import { X } from 'lucide-react'
import { useState } from 'react'
import { useNow } from '@/lib/clock'
import { formatBytes, formatDateTime } from '@/lib/format'
import { Button, ErrorNotice, Fact, Facts, IconButton } from '@/ui'
import { DeleteSecretDialog } from './DeleteSecretDialog'
import { useRevealed } from './use-revealed'

function Countdown({ untilMs }: { readonly untilMs: number }) {
  const now = useNow()
  return <span className="num text-text-3">hidden again in {Math.max(0, Math.ceil((untilMs - now) / 1000))} s</span>
}

export interface SecretDetailProps {
  readonly secret: SecretSummary
  readonly onClose: () => void
}

/** One secret beside the list; its value concealed unless asked for. */
export function SecretDetail({ secret, onClose }: SecretDetailProps) {
  const revealed = useRevealed(secret.name)
  const [deleting, setDeleting] = useState(false)
  return (
    <aside
      aria-label="Secret"
      className="flex w-88 shrink-0 flex-col gap-4 overflow-y-auto border-l border-line px-4 py-3 wide:w-[28rem]"
    >
      <div className="flex items-start gap-2">
        <h2 className="min-w-0 flex-1 font-mono text-md font-semibold [overflow-wrap:anywhere]">{secret.name}</h2>
        <IconButton label="Close" onPress={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <Facts>
        <Fact name="Description">{secret.description || <span className="text-text-3">none</span>}</Fact>
        <Fact name="Size">
          <span className="num">{formatBytes(secret.sizeBytes)}</span>
        </Fact>
        <Fact name="Created">
          <span className="num">{formatDateTime(secret.createdAtMs)}</span>
        </Fact>
      </Facts>
      <section>
        <div className="mb-1.5 flex items-center gap-2">
          <h3 className="section-title">Value</h3>
          {revealed.value !== null && <Countdown untilMs={revealed.untilMs} />}
          <div className="ml-auto">
            {revealed.value === null ? (
              <Button size="small" busy={revealed.busy} onPress={() => void revealed.reveal()}>
                Reveal
              </Button>
            ) : (
              <Button size="small" onPress={revealed.hide}>
                Hide
              </Button>
            )}
          </div>
        </div>
        <pre
          data-revealed={revealed.value !== null}
          className="max-h-64 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 font-mono text-xs whitespace-pre-wrap [overflow-wrap:anywhere]"
        >
          {revealed.value ?? '••••••••••••'}
        </pre>
        <p className="mt-1 text-xs text-text-3">Showing a value is recorded in the audit trail; the value is not.</p>
        {revealed.error !== null && (
          <div className="mt-2">
            <ErrorNotice error={revealed.error} />
          </div>
        )}
      </section>
      <div className="border-t border-line pt-3">
        <Button variant="danger-quiet" onPress={() => setDeleting(true)}>
          Delete
        </Button>
      </div>
      {deleting && <DeleteSecretDialog name={secret.name} onClose={() => setDeleting(false)} />}
    </aside>
  )
}
