import type { ApprovalGrant } from '@contract'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useCommand, useRead } from '@/lib/queries'
import {
  Age,
  Button,
  CONSEQUENCE_LOOKS,
  type Column,
  ConsequenceBadge,
  Countdown,
  EmptyState,
  Loaded,
  toastDone,
  toastError,
  UntrustedText,
  VirtualTable,
} from '@/ui'
import { SCOPE_WORDS } from './triage'

function Revoke({ grant }: { readonly grant: ApprovalGrant }) {
  const revoke = useCommand('approvals.revoke')
  const run = async () => {
    const outcome = await revoke.run({ id: grant.id })
    if (outcome.ok) toastDone(`Revoked: ${grant.who.name} asks again for ${grant.resource}`)
    else toastError(outcome.error)
  }
  return (
    <Button
      size="small"
      variant="danger-quiet"
      busy={revoke.busy}
      aria-label={`Revoke ${grant.action} on ${grant.resource} for ${grant.who.name}`}
      onPress={() => void run()}
    >
      Revoke
    </Button>
  )
}

const COLUMNS: readonly Column<ApprovalGrant>[] = [
  {
    id: 'consequence',
    title: 'Consequence',
    track: '6rem',
    cell: (grant) => <ConsequenceBadge consequence={grant.consequence} />,
  },
  { id: 'who', title: 'Who', track: 'minmax(6rem,0.8fr)', cell: (grant) => grant.who.name },
  {
    id: 'action',
    title: 'May do',
    track: 'minmax(6rem,0.6fr)',
    cell: (grant) => <span className="font-mono text-xs">{grant.action}</span>,
  },
  {
    id: 'resource',
    title: 'On',
    track: 'minmax(0,1.4fr)',
    cell: (grant) => <UntrustedText text={grant.resource} />,
  },
  {
    id: 'scope',
    title: 'Scope',
    track: '8rem',
    cell: (grant) => (
      <Link
        to="/approvals/$approvalId"
        params={{ approvalId: grant.approvalId }}
        search={{ tab: 'history' }}
        title="Show the approval that it came of"
        className="underline-offset-2 hover:underline"
      >
        {SCOPE_WORDS[grant.scope]}
      </Link>
    ),
  },
  {
    id: 'ends',
    title: 'Ends in',
    track: '6rem',
    align: 'end',
    cell: (grant) =>
      grant.active ? (
        <Countdown untilMs={grant.expiresAtMs} aheadMs={0} />
      ) : (
        <span className="text-text-3">{grant.revokedAtMs === null ? 'ended' : 'revoked'}</span>
      ),
  },
  {
    id: 'uses',
    title: 'Uses',
    track: '3.5rem',
    align: 'end',
    cell: (grant) => <span className="num">{grant.uses}</span>,
  },
  {
    id: 'used',
    title: 'Last used',
    track: '5.5rem',
    align: 'end',
    cell: (grant) =>
      grant.lastUsedAtMs === null ? (
        <span className="text-text-3">never</span>
      ) : (
        <Age atMs={grant.lastUsedAtMs} className="num text-text-2" />
      ),
  },
  {
    id: 'revoke',
    title: 'Revoke',
    track: '5rem',
    align: 'end',
    hideTitle: true,
    cell: (grant) => (grant.active ? <Revoke grant={grant} /> : null),
  },
]

/** Answers that go on answering: each with its end, and a way to take it back at once. */
export function GrantsPanel() {
  const [includeEnded, setIncludeEnded] = useState(false)
  const [selected, setSelected] = useState<string | null>(null)
  const read = useRead('approvals.grants', includeEnded ? { includeEnded } : {}, { keepPrevious: true })
  const rows = useMemo(() => read.data ?? [], [read.data])
  return (
    <section aria-label="Standing grants" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4 text-text-2">
        <span>A Deny of the policy wins over every grant.</span>
        <label className="ml-auto flex items-center gap-1.5">
          <input
            type="checkbox"
            className="accent-accent-solid"
            checked={includeEnded}
            onChange={(event) => setIncludeEnded(event.target.checked)}
          />
          Show ended ones
        </label>
      </div>
      <Loaded read={read}>
        {() =>
          rows.length === 0 ? (
            <EmptyState title="No grant stands">
              Approve something for a run, for its arguments or for a time, and it is listed here until it ends.
            </EmptyState>
          ) : (
            <VirtualTable
              label="Standing grants"
              rows={rows}
              columns={COLUMNS}
              rowKey={(grant) => grant.id}
              selectedKey={selected}
              onSelect={(grant) => setSelected(grant.id)}
              rowClass={(grant) => `band ${CONSEQUENCE_LOOKS[grant.consequence].band}`}
            />
          )
        }
      </Loaded>
    </section>
  )
}
