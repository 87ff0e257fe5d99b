import type { ToolServer } from '@contract'
import { useCommand, useRead } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Loaded, scrollable, toastDone, UntrustedText } from '@/ui'

interface DialogProps {
  readonly server: ToolServer
  readonly onClose: () => void
}

/** What a server wrote to its error stream. */
export function ServerLogDialog({ server, onClose }: DialogProps) {
  const read = useRead('servers.log', { id: server.id })
  return (
    <Dialog
      title={`Log of ${server.name}`}
      isOpen
      onClose={onClose}
      width="wide"
      footer={
        <Button busy={read.isFetching} onPress={() => void read.refetch()}>
          Refresh
        </Button>
      }
    >
      <Loaded read={read}>
        {(lines) =>
          lines.length === 0 ? (
            <p className="text-text-3">It wrote nothing.</p>
          ) : (
            <section
              aria-label="Server log"
              {...scrollable}
              className="max-h-[50vh] overflow-auto rounded-md border border-line bg-sunken px-3 py-2"
            >
              <pre className="whitespace-pre-wrap">
                <UntrustedText text={lines.join('\n')} />
              </pre>
            </section>
          )
        }
      </Loaded>
    </Dialog>
  )
}

/** Removing a server takes its tools away from every agent. */
export function RemoveServerDialog({ server, onClose }: DialogProps) {
  const remove = useCommand('servers.remove')
  const submit = async () => {
    const outcome = await remove.run({ id: server.id })
    if (!outcome.ok) return
    toastDone(`${server.name} is removed.`)
    onClose()
  }
  return (
    <Dialog
      title={`Remove ${server.name}?`}
      isOpen
      onClose={onClose}
      role="alertdialog"
      width="small"
      footer={
        <>
          <Button onPress={onClose}>Keep it</Button>
          <Button variant="danger" busy={remove.busy} onPress={() => void submit()}>
            Remove server
          </Button>
        </>
      }
    >
      <p>Its process ends and no agent can call its tools. The audit records of past decisions are kept.</p>
      {remove.error !== null && <ErrorNotice error={remove.error} />}
    </Dialog>
  )
}
