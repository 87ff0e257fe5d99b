import type { MessageHeader } from '@contract'
import { Lock } from 'lucide-react'
import { useMemo, useState } from 'react'
import { useNow } from '@/lib/clock'
import { formatBytes, plural } from '@/lib/format'
import { parseJsonText } from '@/lib/json-text'
import { splitUntrusted } from '@/lib/untrusted'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, JsonView, scrollable, UntrustedText } from '@/ui'
import { RevealDialog } from './RevealDialog'
import { PAYLOAD_MS, type Payload, usePayload } from './use-payload'
import { partyWord } from './words'

/** A payload longer than this is shown in part first: a megabyte of text would stop the page. */
const FIRST_CHARACTERS = 65_536

function HiddenAgain({ untilMs }: { readonly untilMs: number }) {
  const now = useNow()
  return (
    <span className="num text-xs text-text-3">
      sealed again in {Math.min(PAYLOAD_MS / 1000, Math.max(0, Math.ceil((untilMs - now) / 1000)))} s
    </span>
  )
}

/** The opened payload, with every hidden character named and counted. */
function Opened({ payload }: { readonly payload: Payload }) {
  const [whole, setWhole] = useState(false)
  const cut = !whole && payload.text.length > FIRST_CHARACTERS
  const text = cut ? payload.text.slice(0, FIRST_CHARACTERS) : payload.text
  const parsed = useMemo(() => (payload.json && !cut ? parseJsonText(text) : null), [payload.json, cut, text])
  const hidden = useMemo(
    () => splitUntrusted(payload.text).filter(({ kind }) => kind === 'mark').length,
    [payload.text],
  )
  return (
    <>
      {hidden > 0 && (
        <p className="mb-1.5 text-bad">{plural(hidden, 'hidden character')} in it, named where they stand.</p>
      )}
      {parsed?.ok === true && parsed.value !== undefined ? (
        <JsonView value={parsed.value} label="Opened payload" className="max-h-96" />
      ) : (
        <section
          aria-label="Opened payload"
          {...scrollable}
          className="max-h-96 overflow-auto rounded-md border border-line bg-sunken px-3 py-2 whitespace-pre-wrap"
        >
          <UntrustedText text={text} className="leading-[18px]" />
        </section>
      )}
      {cut && (
        <div className="mt-1.5 flex items-center gap-2 text-xs text-text-3">
          The first {formatBytes(FIRST_CHARACTERS)} are shown.
          <Button size="small" onPress={() => setWhole(true)}>
            Show all
          </Button>
        </div>
      )}
    </>
  )
}

/** The inside of a message: a sealed box with its size, until it is opened for a reason and for a minute. */
export function PayloadBox({ header }: { readonly header: MessageHeader }) {
  const payload = usePayload(header.id)
  const [asking, setAsking] = useState(false)
  const ask = () => {
    if (payload.value === null) setAsking(true)
  }
  const reveal = async (reason: string) => {
    if (await payload.reveal(reason)) setAsking(false)
  }
  useShortcuts([
    { keys: 'r', label: 'Reveal the payload', group: 'Message', run: ask },
    { keys: 'h', label: 'Seal it again', group: 'Message', run: payload.hide },
  ])
  return (
    <section aria-label="Payload" data-revealed={payload.value !== null}>
      <div className="mb-1.5 flex min-h-6 items-center gap-2">
        <h3 className="section-title">Payload</h3>
        {payload.value !== null && <HiddenAgain untilMs={payload.untilMs} />}
        <div className="ml-auto">
          {payload.value === null ? (
            <Button size="small" keyHint="R" onPress={ask}>
              Reveal
            </Button>
          ) : (
            <Button size="small" keyHint="H" onPress={payload.hide}>
              Hide
            </Button>
          )}
        </div>
      </div>
      {payload.value === null ? (
        <div className="flex items-center gap-3 rounded-md border border-line bg-sunken px-3 py-3">
          <Lock size={16} className="shrink-0 text-text-3" aria-hidden />
          <p className="min-w-0">
            Sealed, <span className="num font-medium">{formatBytes(header.payloadBytes)}</span>
            <span className="num text-text-3"> ({formatBytes(header.sealedBytes)} as sealed)</span>
          </p>
        </div>
      ) : (
        <Opened key={payload.untilMs} payload={payload.value} />
      )}
      {asking && (
        <RevealDialog
          from={partyWord(header.sender)}
          to={partyWord(header.recipient)}
          busy={payload.busy}
          error={payload.error}
          onReveal={(reason) => void reveal(reason)}
          onClose={() => {
            payload.hide()
            setAsking(false)
          }}
        />
      )}
    </section>
  )
}
