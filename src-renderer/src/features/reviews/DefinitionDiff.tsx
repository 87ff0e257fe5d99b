import type { Json } from '@contract'
import clsx from 'clsx'
import { useMemo } from 'react'
import { plural } from '@/lib/format'
import { canonicalPrettyJson } from '@/lib/json-text'
import { type DiffSide, diffLines } from '@/lib/line-diff'
import { JsonLine, UntrustedText } from '@/ui'

const TINTS = {
  same: { left: '', right: '' },
  changed: { left: 'bg-bad/8', right: 'bg-ok/10' },
  removed: { left: 'bg-bad/8', right: '' },
  added: { left: '', right: 'bg-ok/10' },
} as const

function Side({ side, tint, mark }: { side: DiffSide | null; tint: string; mark: '−' | '+' | ' ' }) {
  return (
    <div className={clsx('flex min-w-0 gap-2 px-2', side === null ? 'bg-sunken' : tint)}>
      <span className="num w-7 shrink-0 text-right text-text-3 select-none">{side?.line ?? ''}</span>
      <span className="w-2 shrink-0 text-text-2 select-none">{side === null ? '' : mark}</span>
      <span className="min-w-0 flex-1 whitespace-pre-wrap [overflow-wrap:anywhere]">
        {side === null ? null : side.changed === null ? (
          <JsonLine line={side.text} />
        ) : (
          <>
            <UntrustedText text={side.text.slice(0, side.changed[0])} />
            <span className={clsx('rounded-[2px]', mark === '−' ? 'bg-bad/25' : 'bg-ok/30')}>
              <UntrustedText text={side.text.slice(...side.changed)} />
            </span>
            <UntrustedText text={side.text.slice(side.changed[1])} />
          </>
        )}
      </span>
    </div>
  )
}

export interface DefinitionDiffProps {
  readonly before: Json
  readonly after: Json
}

/** The definition that was decided on beside the one that is offered now; keys in order, differing lines marked. */
export function DefinitionDiff({ before, after }: DefinitionDiffProps) {
  const rows = useMemo(() => diffLines(canonicalPrettyJson(before), canonicalPrettyJson(after)), [before, after])
  const differing = rows.filter((row) => row.kind !== 'same').length
  return (
    <section aria-label="Definition before and now" className="min-w-0">
      <h2 className="section-title mb-1.5">
        Definition, <span className="num">{plural(differing, 'line')}</span> differ
      </h2>
      <div className="overflow-hidden rounded-md border border-line font-mono text-xs leading-[18px]">
        <div className="grid grid-cols-2 border-b border-line bg-sunken font-sans text-text-2">
          <div className="px-3 py-1">Decided on</div>
          <div className="border-l border-line px-3 py-1">Offered now</div>
        </div>
        {rows.map((row) => (
          <div
            key={`${String(row.left?.line)}:${String(row.right?.line)}`}
            className="grid grid-cols-2"
            data-diff={row.kind}
          >
            <Side side={row.left} tint={TINTS[row.kind].left} mark={row.kind === 'same' ? ' ' : '−'} />
            <div className="border-l border-line">
              <Side side={row.right} tint={TINTS[row.kind].right} mark={row.kind === 'same' ? ' ' : '+'} />
            </div>
          </div>
        ))}
      </div>
    </section>
  )
}
