import type { PolicySet, PolicyVersion } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { formatBytes, formatDateTime, plural, shortId } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import {
  Age,
  Button,
  type Column,
  DiffEditor,
  EmptyState,
  ErrorNotice,
  Loaded,
  SkeletonBlock,
  toastDone,
  VirtualTable,
} from '@/ui'
import { ReplayDialog } from './ReplayDialog'
import { useActivation } from './use-activation'

const ORIGINS = {
  file: 'found on disk',
  console: 'saved here',
  rollback: 'rolled back',
} as const satisfies Record<PolicyVersion['origin'], string>

const COLUMNS: readonly Column<PolicyVersion>[] = [
  {
    id: 'version',
    title: 'Version',
    track: 'minmax(0,1fr)',
    cell: (version) => (
      <div className="flex flex-col leading-[18px]">
        <span className="flex items-center gap-2">
          <span className="num">{formatDateTime(version.atMs)}</span>
          <Age atMs={version.atMs} className="num ml-auto text-xs text-text-3" />
        </span>
        <span className="flex items-center gap-2 text-xs text-text-2">
          <span className="truncate">
            {ORIGINS[version.origin]}
            {version.by === null ? '' : ` by ${version.by}`}, {plural(version.rules, 'rule')},{' '}
            {formatBytes(version.bytes)}
          </span>
          <span className="ml-auto font-mono text-text-3">{shortId(version.hash)}</span>
        </span>
      </div>
    ),
  },
]

interface ComparisonProps {
  readonly policy: PolicySet
  readonly hash: string
  readonly atMs: number | null
}

function Comparison({ policy, hash, atMs }: ComparisonProps) {
  const read = useRead('policies.version', { hash })
  const rollback = useCommand('policies.rollback')
  const activation = useActivation({
    which: { hash },
    act: () => rollback.run({ baseHash: policy.textHash, hash }),
    done: () => toastDone('The earlier rules are back in force.'),
  })
  const isFile = hash === policy.textHash
  return (
    <>
      <div className="flex h-10 shrink-0 items-center gap-3 border-b border-line px-4">
        <span className="min-w-0 flex-1 truncate">
          {isFile ? (
            'This is the file as it is now'
          ) : (
            <>The version of {atMs === null ? 'then' : formatDateTime(atMs)}, left, beside the file as it is now</>
          )}
        </span>
        {!isFile && (
          <Button busy={activation.busy} onPress={() => void activation.start()}>
            Roll back to it
          </Button>
        )}
      </div>
      {activation.error !== null && <ErrorNotice error={activation.error} />}
      <Loaded read={read} skeleton={<SkeletonBlock />}>
        {({ text }) => (
          <div className="flex min-h-0 flex-1 flex-col p-4">
            <DiffEditor
              before={text}
              after={policy.text}
              beforeLabel="Version of the past"
              afterLabel="File as it is now"
            />
          </div>
        )}
      </Loaded>
      {activation.asked !== null && (
        <ReplayDialog
          replay={activation.asked}
          act="Roll back"
          busy={activation.busy}
          onConfirm={() => void activation.confirm()}
          onClose={activation.cancel}
        />
      )}
    </>
  )
}

/** Every text that was ever in force; each can be compared with the file and put back. */
export function HistoryTab({ policy }: { readonly policy: PolicySet }) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/policies' })
  const read = useRead('policies.history', { limit: 200 })
  const chosen = read.data?.find(({ hash }) => hash === search.version)
  return (
    <div className="flex min-h-0 flex-1">
      <section aria-label="Versions" className="flex min-h-0 w-88 shrink-0 flex-col border-r border-line">
        <Loaded read={read}>
          {(versions) =>
            versions.length === 0 ? (
              <EmptyState title="No history yet">Each text that comes into force is kept here.</EmptyState>
            ) : (
              <VirtualTable
                label="Policy versions"
                rows={versions}
                columns={COLUMNS}
                rowKey={({ seq }) => String(seq)}
                selectedKey={chosen === undefined ? null : String(chosen.seq)}
                onSelect={({ hash }) =>
                  void navigate({ to: '/policies', search: { tab: 'history', version: hash }, replace: true })
                }
                rowHeight={44}
                showHeader={false}
              />
            )
          }
        </Loaded>
      </section>
      <section aria-label="Difference" className="flex min-h-0 min-w-0 flex-1 flex-col">
        {search.version === undefined ? (
          <EmptyState title="Choose a version">
            You see what differs from the file as it is now, and can put it back.
          </EmptyState>
        ) : (
          <Comparison key={search.version} policy={policy} hash={search.version} atMs={chosen?.atMs ?? null} />
        )}
      </section>
    </div>
  )
}
