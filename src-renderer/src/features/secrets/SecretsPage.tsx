import type { SecretSummary } from '@contract'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { formatBytes, formatDateTime, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import { useShortcuts } from '@/lib/use-shortcuts'
import { Button, type Column, EmptyState, Loaded, PageHeader, TextInput, VirtualTable } from '@/ui'
import { KeyStoreBanner } from './KeyStoreBanner'
import { NewSecretDialog } from './NewSecretDialog'
import { SecretDetail } from './SecretDetail'

const NAME: Column<SecretSummary> = {
  id: 'name',
  title: 'Name',
  track: 'minmax(10rem,1fr)',
  cell: (secret) => <span className="font-mono text-xs">{secret.name}</span>,
}

const COLUMNS: readonly Column<SecretSummary>[] = [
  NAME,
  {
    id: 'description',
    title: 'Description',
    track: 'minmax(0,1.5fr)',
    cell: (secret) => <span className="text-text-2">{secret.description}</span>,
  },
  {
    id: 'size',
    title: 'Size',
    track: '5rem',
    align: 'end',
    cell: (secret) => <span className="num text-text-2">{formatBytes(secret.sizeBytes)}</span>,
  },
  {
    id: 'created',
    title: 'Created',
    track: '9.5rem',
    align: 'end',
    cell: (secret) => <span className="num text-text-2">{formatDateTime(secret.createdAtMs)}</span>,
  },
]

/** Names and facts; values stay closed. */
export function SecretsPage() {
  const read = useRead('secrets.list', {})
  const [selected, setSelected] = useState<string | null>(null)
  const [creating, setCreating] = useState(false)
  const [filter, setFilter] = useState('')
  const needle = filter.trim().toLowerCase()
  const rows = (read.data ?? []).filter((secret) =>
    `${secret.name} ${secret.description}`.toLowerCase().includes(needle),
  )
  const chosen = read.data?.find((secret) => secret.name === selected)
  const move = (by: number) => {
    const index = rows.findIndex((secret) => secret.name === selected)
    const next = rows[Math.min(rows.length - 1, Math.max(0, index + by))]
    if (next !== undefined) setSelected(next.name)
  }
  useShortcuts([
    { keys: 'j', label: 'Next secret', group: 'Secrets', run: () => move(1) },
    { keys: 'k', label: 'Previous secret', group: 'Secrets', run: () => move(-1) },
    { keys: 'n', label: 'New secret', group: 'Secrets', run: () => setCreating(true) },
  ])
  const newButton = (
    <Button variant="primary" icon={<Plus size={14} aria-hidden />} onPress={() => setCreating(true)}>
      New secret
    </Button>
  )
  return (
    <>
      <PageHeader title="Secrets" note={read.data === undefined ? undefined : plural(read.data.length, 'secret')}>
        {read.data?.length !== 0 && newButton}
      </PageHeader>
      <KeyStoreBanner />
      <div className="flex min-h-0 flex-1">
        <section aria-label="Secret list" className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Loaded read={read}>
            {(all) =>
              all.length === 0 ? (
                <EmptyState title="No secrets yet" action={newButton}>
                  A secret is kept encrypted. An agent gets it by name, when its definition and the policy allow it.
                </EmptyState>
              ) : (
                <>
                  <div className="flex h-10 shrink-0 items-center border-b border-line px-4">
                    <TextInput
                      aria-label="Filter secrets"
                      placeholder="Filter"
                      value={filter}
                      onChange={(event) => setFilter(event.target.value)}
                      className="max-w-72"
                    />
                  </div>
                  <VirtualTable
                    label="Secrets"
                    rows={rows}
                    columns={chosen === undefined ? COLUMNS : COLUMNS.filter((column) => column.id !== 'description')}
                    rowKey={(secret) => secret.name}
                    selectedKey={selected}
                    onSelect={(secret) => setSelected(secret.name)}
                  />
                </>
              )
            }
          </Loaded>
        </section>
        {chosen !== undefined && <SecretDetail key={chosen.name} secret={chosen} onClose={() => setSelected(null)} />}
      </div>
      {creating && (
        <NewSecretDialog
          onClose={() => setCreating(false)}
          onCreated={(name) => {
            setCreating(false)
            setSelected(name)
          }}
        />
      )}
    </>
  )
}
