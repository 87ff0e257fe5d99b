import type { AuditRecord } from '@contract'
import { X } from 'lucide-react'
import { formatClockMs, formatDateTime } from '@/lib/format'
import {
  CopyButton,
  Fact,
  Facts,
  IconButton,
  JsonView,
  OUTCOME_LOOKS,
  SEVERITY_LOOKS,
  StatusBadge,
  UntrustedText,
} from '@/ui'
import { ProofPanel } from './ProofPanel'

export interface AuditDetailProps {
  readonly record: AuditRecord
  readonly onClose: () => void
  readonly onCorrelation: (correlationId: string) => void
}

function Hash({ text, label }: { readonly text: string; readonly label: string }) {
  return (
    <span className="flex items-start gap-1">
      <span className="font-mono text-xs leading-5 [overflow-wrap:anywhere]">{text}</span>
      <CopyButton text={text} label={label} className="-my-0.5 size-6" />
    </span>
  )
}

/** One record with every field. */
export function AuditDetail({ record, onClose, onCorrelation }: AuditDetailProps) {
  return (
    <aside
      aria-label="Record"
      className="flex w-88 shrink-0 flex-col gap-4 overflow-y-auto border-l border-line px-4 py-3 wide:w-[30rem]"
    >
      <div className="flex items-center gap-3">
        <h2 className="num text-md font-semibold">Record {record.seq}</h2>
        <StatusBadge look={OUTCOME_LOOKS[record.outcome]} />
        <StatusBadge look={SEVERITY_LOOKS[record.severity]} />
        <IconButton label="Close" keyHint="Esc" className="ml-auto" onPress={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </div>
      <Facts>
        <Fact name="Time">
          <span className="num">
            {formatDateTime(record.atMs)}
            {formatClockMs(record.atMs).slice(-4)}
          </span>
        </Fact>
        <Fact name="Actor">
          {record.actor.kind} <UntrustedText text={record.actor.id} />
        </Fact>
        <Fact name="Action">
          <span className="font-mono text-xs">{record.action}</span>
        </Fact>
        <Fact name="Resource">
          <UntrustedText text={record.resource} />
        </Fact>
        {record.code !== null && (
          <Fact name="Code">
            <span className="font-mono text-xs">{record.code}</span>
          </Fact>
        )}
        <Fact name="Reason">
          <UntrustedText text={record.reason} className="font-sans! text-sm!" />
        </Fact>
        <Fact name="Correlation id">
          <span className="flex items-center gap-1">
            <button
              type="button"
              title="Tell everything that happened under this id"
              onClick={() => onCorrelation(record.correlationId)}
              className="text-left font-mono text-xs text-accent underline underline-offset-2 [overflow-wrap:anywhere]"
            >
              {record.correlationId}
            </button>
            <CopyButton text={record.correlationId} label="Copy the correlation id" />
          </span>
        </Fact>
      </Facts>
      <section>
        <h3 className="section-title mb-1.5">Details</h3>
        <JsonView value={record.details} label="Details" className="max-h-96" />
      </section>
      <section className="border-t border-line pt-3">
        <h3 className="section-title mb-1.5">Chain</h3>
        <Facts>
          <Fact name="This record">
            <Hash text={record.hash} label="Copy the hash" />
          </Fact>
          <Fact name="Previous">
            <Hash text={record.prevHash} label="Copy the previous hash" />
          </Fact>
        </Facts>
      </section>
      <ProofPanel record={record} />
    </aside>
  )
}
