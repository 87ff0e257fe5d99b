import { useState } from 'react'
import { issueFor } from '@/lib/app-error'
import { plural } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextArea, TextInput, toastDone } from '@/ui'

/** One argument a line; spaces inside a line belong to the argument, blank lines do not count. */
const argumentsOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')

/** Name a server and the command that starts it. */
export function ConnectDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCommand('servers.add')
  const [name, setName] = useState('')
  const [command, setCommand] = useState('')
  const [args, setArgs] = useState('')
  const submit = async () => {
    const outcome = await add.run({ name: name.trim(), command: command.trim(), args: argumentsOf(args) })
    if (!outcome.ok) return
    const { state, toolCount } = outcome.value
    toastDone(state === 'connected' ? `${name} is connected with ${plural(toolCount, 'tool')}.` : `${name} is added.`)
    onClose()
  }
  return (
    <Dialog
      title="Connect a server"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={add.busy}
            isDisabled={name.trim() === '' || command.trim() === ''}
            onPress={() => void submit()}
          >
            Connect
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-text-2">
          The command is started on this machine as an MCP server. Connecting lets no agent use it: each of its tools
          waits for your review.
        </p>
        <Field
          label="Name"
          hint="Lower-case letters, digits and dashes. Agents see its tools as name.tool."
          error={issueFor(add.error, 'name')}
        >
          {(control) => (
            <TextInput
              {...control}
              className="font-mono text-xs"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field label="Command" hint="A program, without arguments, like npx." error={issueFor(add.error, 'command')}>
          {(control) => (
            <TextInput
              {...control}
              className="font-mono text-xs"
              value={command}
              onChange={(event) => setCommand(event.target.value)}
            />
          )}
        </Field>
        <Field label="Arguments" optional hint="One per line." error={issueFor(add.error, 'args')}>
          {(control) => (
            <TextArea
              {...control}
              rows={4}
              className="font-mono text-xs"
              value={args}
              onChange={(event) => setArgs(event.target.value)}
            />
          )}
        </Field>
        {add.error !== null && <ErrorNotice error={add.error} />}
      </div>
    </Dialog>
  )
}
