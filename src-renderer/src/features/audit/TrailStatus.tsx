import type { AuditStatus } from '@contract'
import { useState } from 'react'
import { formatBytes, formatCount, formatDateTime, plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import {
  Age,
  Button,
  CopyButton,
  Dialog,
  ErrorNotice,
  Fact,
  Facts,
  Field,
  StateShape,
  StatusBadge,
  TextInput,
  toastDone,
} from '@/ui'

const SIGNING = {
  opening: { word: 'Opening the key', shape: 'quarter', colour: 'text-change' },
  signing: { word: 'Signing', shape: 'check', colour: 'text-ok' },
  unsigned: { word: 'Not signed', shape: 'triangle', colour: 'text-wait' },
  refusing: { word: 'Refuses to sign', shape: 'cross', colour: 'text-bad' },
} as const

const ANCHORS = {
  agrees: { word: 'agrees', shape: 'check', colour: 'text-ok' },
  contradicts: { word: 'contradicts', shape: 'cross', colour: 'text-bad' },
  empty: { word: 'empty', shape: 'dotted', colour: 'text-text-2' },
  unreachable: { word: 'unreachable', shape: 'triangle', colour: 'text-wait' },
} as const satisfies Record<AuditStatus['anchors'][number]['state'], object>

function KeyActs({ status, onClose }: { readonly status: AuditStatus; readonly onClose: () => void }) {
  const rotate = useCommand('audit.rotateKey')
  const begin = useCommand('audit.startNewLog')
  const [reason, setReason] = useState('')
  const refusing = status.signing.state === 'refusing'
  const act = async () => {
    const outcome = refusing ? await begin.run({ reason }) : await rotate.run({ reason })
    if (!outcome.ok) return
    toastDone(refusing ? 'A new log is begun and signed.' : 'The signing key is changed.')
    onClose()
  }
  const error = rotate.error ?? begin.error
  return (
    <section aria-label="Key" className="border-t border-line pt-3">
      {error !== null && <ErrorNotice error={error} />}
      <div className="flex items-end gap-2">
        <Field
          label="Reason"
          className="flex-1"
          hint={
            refusing
              ? 'A new log says for ever that the earlier one was contradicted.'
              : 'The old key signs the new one, so the trail stays one.'
          }
        >
          {(control) => <TextInput {...control} value={reason} onChange={(event) => setReason(event.target.value)} />}
        </Field>
        <Button
          className="mb-5"
          busy={rotate.busy || begin.busy}
          isDisabled={reason.trim().length < 3}
          onPress={() => void act()}
        >
          {refusing ? 'Begin a new log' : 'Change the key'}
        </Button>
      </div>
    </section>
  )
}

function StatusDialog({ status, onClose }: { readonly status: AuditStatus; readonly onClose: () => void }) {
  const { checkpoint, signing } = status
  return (
    <Dialog title="State of the trail" isOpen onClose={onClose} width="wide">
      <div className="flex flex-col gap-4">
        <Facts>
          <Fact name="Records">
            <span className="num">
              {formatCount(status.rows)} in the database, about {formatBytes(status.approximateBytes)}
              {status.archivedRows > 0 &&
                `; ${formatCount(status.archivedRows)} archived, ${formatBytes(status.archivedBytes)}`}
            </span>
          </Fact>
          <Fact name="Signing">
            <StatusBadge look={SIGNING[signing.state]} /> <span className="text-text-2">{signing.note}</span>
          </Fact>
          {signing.keyId !== null && (
            <Fact name="Key">
              <span className="font-mono text-xs">{signing.keyId}</span>{' '}
              <span className="text-text-2">
                {signing.backend === 'keyring' ? 'in the system keyring' : 'in a file'}
              </span>
            </Fact>
          )}
          <Fact name="Checkpoint">
            {checkpoint === null ? (
              <span className="text-text-3">none yet</span>
            ) : (
              <span className="num">
                number {formatCount(checkpoint.number)}, {formatDateTime(checkpoint.atMs)}, speaks for{' '}
                {plural(checkpoint.size, 'record')}
                <span className="flex items-start gap-1">
                  <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">{checkpoint.root}</span>
                  <CopyButton text={checkpoint.root} label="Copy the root" className="-my-0.5 size-6" />
                </span>
              </span>
            )}
          </Fact>
        </Facts>
        <section aria-label="Anchors">
          <h3 className="section-title mb-1">Anchors outside the database</h3>
          <ul>
            {status.anchors.map((anchor) => (
              <li
                key={anchor.name}
                className="grid grid-cols-[8rem_8rem_6rem_minmax(0,1fr)] gap-3 border-t border-line py-1"
              >
                <span className="font-medium">{anchor.name}</span>
                <StatusBadge look={ANCHORS[anchor.state]} />
                <span className="num text-right text-text-2">
                  {anchor.size === null ? '' : formatCount(anchor.size)}
                </span>
                <span className="text-text-2">{anchor.note}</span>
              </li>
            ))}
          </ul>
        </section>
        {status.segments.length > 0 && (
          <section aria-label="Segments">
            <h3 className="section-title mb-1">{plural(status.segments.length, 'sealed segment')}</h3>
            <ul className="max-h-40 overflow-y-auto">
              {status.segments.map((segment) => (
                <li
                  key={segment.number}
                  className="num grid grid-cols-[3rem_12rem_minmax(0,1fr)] gap-3 border-t border-line py-1"
                >
                  <span className="text-text-3">{segment.number}</span>
                  <span>
                    {formatCount(segment.firstSeq)} to {formatCount(segment.lastSeq)}
                  </span>
                  <span className="truncate text-text-2">
                    {segment.archive === null
                      ? 'in the database'
                      : `${segment.archive.file}, ${formatBytes(segment.archive.bytes)}`}
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <KeyActs status={status} onClose={onClose} />
      </div>
    </Dialog>
  )
}

/** Size, seals and anchors of the trail in one line; all of it on request. */
export function TrailStatus() {
  const [open, setOpen] = useState(false)
  const status = useRead('audit.status', {}).data
  if (status === undefined) return <div className="h-8 shrink-0 border-b border-line" />
  const signing = SIGNING[status.signing.state]
  const worst = status.anchors.find(({ state }) => state === 'contradicts')
  return (
    <section
      aria-label="State"
      className="num flex h-8 shrink-0 items-center gap-4 border-b border-line bg-sunken px-4 text-xs whitespace-nowrap text-text-2"
    >
      <div className="flex min-w-0 flex-1 items-center gap-4 overflow-hidden">
        <span>
          {formatCount(status.rows)} rows, {formatBytes(status.approximateBytes)}
        </span>
        <span>{plural(status.segments.length, 'segment')}</span>
        <span>
          {plural(status.checkpoints, 'checkpoint')}
          {status.checkpoint !== null && (
            <>
              , signed to {formatCount(status.checkpoint.size)} <Age atMs={status.checkpoint.atMs} />
            </>
          )}
        </span>
        <StatusBadge look={signing} />
        {status.anchors.map((anchor) => (
          <span key={anchor.name} className="flex items-center gap-1.5">
            <StateShape shape={ANCHORS[anchor.state].shape} className={ANCHORS[anchor.state].colour} />
            {anchor.name} {ANCHORS[anchor.state].word}
          </span>
        ))}
      </div>
      <Button size="small" variant={worst === undefined ? 'ghost' : 'default'} onPress={() => setOpen(true)}>
        State of the trail
      </Button>
      {open && <StatusDialog status={status} onClose={() => setOpen(false)} />}
    </section>
  )
}
