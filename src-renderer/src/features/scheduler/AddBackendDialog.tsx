import { useState } from 'react'
import { issueFor } from '@/lib/app-error'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextInput, toastDone } from '@/ui'
import { type BackendDraft, backendOf, EMPTY_DRAFT, isComplete, USUAL_PORT } from './backend-draft'
import { SecretChoice } from './SecretChoice'

const WAYS = [
  { protocol: 'ssh', title: 'SSH', gloss: 'through the login of a user who may use Docker there' },
  { protocol: 'tls', title: 'TLS', gloss: 'to its Docker port, with certificates on both sides' },
] as const

/** Another Docker host: how it is reached, and how much may run there. Its keys stay in the store of secrets. */
export function AddBackendDialog({ onClose }: { readonly onClose: () => void }) {
  const add = useCommand('backends.add')
  const [draft, setDraft] = useState<BackendDraft>(EMPTY_DRAFT)
  const { error } = add
  const change = (part: Partial<BackendDraft>) => setDraft((before) => ({ ...before, ...part }))
  const submit = async () => {
    const outcome = await add.run({ backend: backendOf(draft) })
    if (!outcome.ok) return
    toastDone(`${outcome.value.title} is added.`)
    onClose()
  }
  const text = (key: keyof BackendDraft, label: string, path: string, hint: string, mono = false) => (
    <Field label={label} hint={hint} error={issueFor(error, `backend.${path}`)}>
      {(control) => (
        <TextInput
          {...control}
          className={mono ? 'font-mono text-xs' : 'num'}
          value={draft[key]}
          placeholder={key === 'port' ? USUAL_PORT[draft.protocol] : undefined}
          onChange={(event) => change({ [key]: event.target.value })}
        />
      )}
    </Field>
  )
  const secret = (key: 'caSecret' | 'certSecret' | 'keySecret', label: string, hint: string) => (
    <SecretChoice
      label={label}
      hint={hint}
      path={`backend.remote.${key}`}
      value={draft[key]}
      error={error}
      onChange={(name) => change({ [key]: name })}
    />
  )
  return (
    <Dialog
      title="Add a back-end"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button variant="primary" busy={add.busy} isDisabled={!isComplete(draft)} onPress={() => void submit()}>
            Add back-end
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p className="text-text-2">
          Agents are run on another Docker host as well. Their programs and what they are given go there; choose hosts
          you trust as much as this machine.
        </p>
        <fieldset className="flex flex-col rounded-md border border-line">
          <legend className="sr-only">How it is reached</legend>
          {WAYS.map(({ protocol, title, gloss }) => (
            <label
              key={protocol}
              className="flex items-baseline gap-2 border-b border-line px-2.5 py-1.5 last:border-0 has-[:checked]:bg-selected has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-accent"
            >
              <input
                type="radio"
                name="protocol"
                checked={draft.protocol === protocol}
                onChange={() => change({ protocol })}
                className="translate-y-px accent-accent-solid outline-none"
              />
              <span className="font-medium">{title}</span>
              <span className="text-text-2">{gloss}</span>
            </label>
          ))}
        </fieldset>
        {text('name', 'Name', 'name', 'Lower-case letters, digits and dashes, like rack-2.', true)}
        <div className="grid grid-cols-[minmax(0,1fr)_7rem] gap-3">
          {text('host', 'Host', 'remote.host', 'Its name or address.', true)}
          {text('port', 'Port', 'remote.port', `usually ${USUAL_PORT[draft.protocol]}`)}
        </div>
        {draft.protocol === 'ssh' ? (
          <>
            <div className="grid grid-cols-2 gap-3">
              {text('user', 'User', 'remote.user', 'Who may use Docker there.', true)}
              {secret('keySecret', 'Private key', 'The secret that holds it, in OpenSSH form.')}
            </div>
            {text(
              'hostKeySha256',
              'Fingerprint of the host',
              'remote.hostKeySha256',
              'As "ssh-keygen -lf" prints it on the host, SHA256:… No other host is talked to.',
              true,
            )}
          </>
        ) : (
          <>
            {secret('caSecret', 'Authority', 'The secret with the certificate that signed the host’s, PEM.')}
            <div className="grid grid-cols-2 gap-3">
              {secret('certSecret', 'Certificate', 'The secret with ours, PEM.')}
              {secret('keySecret', 'Private key', 'The secret with its key, PEM.')}
            </div>
          </>
        )}
        <div className="grid grid-cols-2 gap-3">
          {text('maxConcurrent', 'Runs at once', 'maxConcurrent', 'More of them wait in the queue.')}
          {text('weight', 'Weight', 'weight', 'Its share when runs are shared out by weight, 1 to 100.')}
        </div>
        {error !== null && <ErrorNotice error={error} />}
      </div>
    </Dialog>
  )
}
