import type { AuditExport } from '@contract'
import { X } from 'lucide-react'
import { plural } from '@/lib/format'
import { CopyButton, IconButton, Notice } from '@/ui'

/** Where an export went, and what to check it with. */
export function ExportNotice({ exported, onClose }: { readonly exported: AuditExport; readonly onClose: () => void }) {
  return (
    <div className="shrink-0 border-b border-line">
      <Notice
        tone="ok"
        title={`${plural(exported.records + exported.archivedRecords, 'record')} and ${plural(exported.checkpoints, 'checkpoint')} are exported.`}
        action={
          <IconButton label="Dismiss" className="size-6" onPress={onClose}>
            <X size={14} aria-hidden />
          </IconButton>
        }
      >
        <span className="flex items-center gap-1">
          <span className="font-mono text-xs [overflow-wrap:anywhere]">{exported.folder}</span>
          <CopyButton text={exported.folder} label="Copy the path" />
        </span>
      </Notice>
    </div>
  )
}
