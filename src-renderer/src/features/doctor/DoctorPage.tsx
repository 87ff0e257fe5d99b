import type { DoctorCheck } from '@contract'
import { RefreshCw } from 'lucide-react'
import { plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { Age, Button, CHECK_LOOKS, CopyButton, Loaded, PageHeader, StatusBadge } from '@/ui'

const ORDER = { fail: 0, warn: 1, pass: 2 } as const

function Check({ check }: { readonly check: DoctorCheck }) {
  return (
    <li
      data-check={check.id}
      data-status={check.status}
      className="grid grid-cols-[4.5rem_minmax(8rem,14rem)_minmax(0,1fr)] gap-x-4 border-b border-line px-4 py-2.5"
    >
      <StatusBadge look={CHECK_LOOKS[check.status]} className="self-start font-medium" />
      <h2 className="font-medium">{check.title}</h2>
      <div className="min-w-0 max-w-3xl">
        <p className="text-text-2 [overflow-wrap:anywhere]">{check.cause}</p>
        {check.fix !== '' && <p className="mt-0.5 [overflow-wrap:anywhere]">{check.fix}</p>}
        {check.command !== null && (
          <div className="mt-1.5 flex items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-1 pl-3">
            <code className="min-w-0 flex-1 font-mono text-xs [overflow-wrap:anywhere]">{check.command}</code>
            <CopyButton text={check.command} label="Copy the command" />
          </div>
        )}
      </div>
    </li>
  )
}

const summary = (checks: readonly DoctorCheck[]): string => {
  const count = (status: DoctorCheck['status']) => checks.filter((check) => check.status === status).length
  const parts = [
    count('fail') > 0 ? `${count('fail')} failed` : '',
    count('warn') > 0 ? plural(count('warn'), 'warning') : '',
    `${count('pass')} passed`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** Each requirement with its state, cause and fix; what is wrong comes first. */
export function DoctorPage() {
  const read = useRead('doctor.run', {})
  return (
    <>
      <PageHeader
        title="Doctor"
        note={
          read.data === undefined ? undefined : (
            <span className="num">
              {summary(read.data.checks)} · checked <Age atMs={read.data.ranAtMs} />
            </span>
          )
        }
      >
        <Button icon={<RefreshCw size={14} aria-hidden />} busy={read.isFetching} onPress={() => void read.refetch()}>
          Check again
        </Button>
      </PageHeader>
      <Loaded read={read}>
        {(report) => (
          <ul aria-label="Checks" className="min-h-0 flex-1 overflow-y-auto">
            {[...report.checks]
              .sort((a, b) => ORDER[a.status] - ORDER[b.status])
              .map((check) => (
                <Check key={check.id} check={check} />
              ))}
          </ul>
        )}
      </Loaded>
    </>
  )
}
