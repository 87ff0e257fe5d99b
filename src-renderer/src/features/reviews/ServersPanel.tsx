import type { ToolServer } from '@contract'
import { useState } from 'react'
import { plural } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import { Button, Loaded, Menu, SERVER_LOOKS, StatusBadge, toastDone, toastError, UntrustedText, Updated } from '@/ui'
import { RemoveServerDialog, ServerLogDialog } from './ServerDialogs'

type Opened = { readonly kind: 'log' | 'remove'; readonly server: ToolServer } | null

interface RowProps {
  readonly server: ToolServer
  readonly onOpen: (opened: Opened) => void
}

function ServerRow({ server, onOpen }: RowProps) {
  const reconnect = useCommand('servers.reconnect')
  const again = () =>
    void reconnect.run({ id: server.id }).then((outcome) => {
      if (outcome.ok) toastDone(`${server.name} is reconnected.`)
      else toastError(outcome.error)
    })
  return (
    <li className="border-b border-line px-4 py-1.5 last:border-0" data-server={server.name} data-state={server.state}>
      <div className="flex items-center gap-2">
        <span className="min-w-0 truncate font-medium">{server.name}</span>
        <StatusBadge look={SERVER_LOOKS[server.state]} className="text-xs" />
        <span className="num ml-auto text-xs text-text-3">{plural(server.toolCount, 'tool')}</span>
        <Menu
          label={`Actions for ${server.name}`}
          className="-mr-1.5 size-6"
          actions={[
            { id: 'reconnect', label: 'Reconnect', onSelect: again },
            { id: 'log', label: 'Show log', onSelect: () => onOpen({ kind: 'log', server }) },
            { id: 'remove', label: 'Remove', danger: true, onSelect: () => onOpen({ kind: 'remove', server }) },
          ]}
        />
      </div>
      <p className="truncate font-mono text-xs text-text-3" title={[server.command, ...server.args].join(' ')}>
        {[server.command, ...server.args].join(' ')}
      </p>
      {server.claims !== null && (
        <p className="truncate text-xs text-text-3">
          claims to be <UntrustedText text={`${server.claims.name} ${server.claims.version}`} />
        </p>
      )}
      {server.error !== null && (
        <div role="alert" className="mt-1 flex items-start gap-2 text-xs">
          <p className="min-w-0 flex-1">
            <span className="text-bad [overflow-wrap:anywhere]">{server.error.message}</span>{' '}
            <span className="text-text-2">{server.error.nextStep}</span>{' '}
            <span className="font-mono text-text-3">{server.error.code}</span>
          </p>
          <Button size="small" busy={reconnect.busy} onPress={again}>
            Reconnect
          </Button>
        </div>
      )}
    </li>
  )
}

/** The tool servers: what runs, what failed and what to do about it. */
export function ServersPanel() {
  const read = useRead('servers.list', {})
  const [opened, setOpened] = useState<Opened>(null)
  const close = () => setOpened(null)
  return (
    <section aria-label="Tool servers" className="flex max-h-[45%] shrink-0 flex-col border-t border-line-strong">
      <h2 className="section-title flex h-8 shrink-0 items-center justify-between border-b border-line px-4">
        Tool servers
        <Updated atMs={read.dataUpdatedAt} />
      </h2>
      <div className="min-h-0 overflow-y-auto">
        <Loaded read={read} skeleton={<div className="skeleton m-4 h-3 w-40" />}>
          {(servers) =>
            servers.length === 0 ? (
              <p className="px-4 py-3 text-text-3">None connected.</p>
            ) : (
              <ul>
                {servers.map((server) => (
                  <ServerRow key={server.id} server={server} onOpen={setOpened} />
                ))}
              </ul>
            )
          }
        </Loaded>
      </div>
      {opened?.kind === 'log' && <ServerLogDialog server={opened.server} onClose={close} />}
      {opened?.kind === 'remove' && <RemoveServerDialog server={opened.server} onClose={close} />}
    </section>
  )
}
