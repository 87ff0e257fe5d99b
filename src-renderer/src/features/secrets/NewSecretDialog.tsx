import { Eye, EyeOff } from 'lucide-react'
import { useState } from 'react'
import { issueFor } from '@/lib/app-error'
import { formatBytes } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, TextArea, TextInput, toastDone } from '@/ui'

export interface NewSecretDialogProps {
  readonly onClose: () => void
  readonly onCreated: (name: string) => void
}

const encoder = new TextEncoder()

/** Store a secret. The value is concealed while it is typed and lives in this dialog's state only. */
export function NewSecretDialog({ onClose, onCreated }: NewSecretDialogProps) {
  const create = useCommand('secrets.create')
  const [name, setName] = useState('')
  const [value, setValue] = useState('')
  const [description, setDescription] = useState('')
  const [visible, setVisible] = useState(false)
  const nameIssue =
    issueFor(create.error, 'name') ??
    (create.error?.code === 'SECRET_003' ? `${create.error.message} ${create.error.nextStep}` : undefined)
  const submit = async () => {
    const outcome = await create.run({ name: name.trim(), value, description: description.trim() })
    if (!outcome.ok) return
    setValue('')
    toastDone(`The secret ${outcome.value.name} is stored.`)
    onCreated(outcome.value.name)
  }
  return (
    <Dialog
      title="New secret"
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            busy={create.busy}
            isDisabled={name.trim() === '' || value === ''}
            onPress={() => void submit()}
          >
            Save secret
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <Field label="Name" hint="Letters, digits, dots, dashes and slashes, like app/api-key." error={nameIssue}>
          {(control) => (
            <TextInput
              {...control}
              className="font-mono text-xs"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <Field
          label="Value"
          hint={
            value === ''
              ? 'Kept encrypted; not shown again unless you reveal it.'
              : formatBytes(encoder.encode(value).length)
          }
          error={issueFor(create.error, 'value')}
        >
          {(control) => (
            <div className="relative">
              <TextArea
                {...control}
                rows={4}
                className={visible ? 'pr-9 font-mono text-xs' : 'concealed pr-9 font-mono text-xs'}
                value={value}
                onChange={(event) => setValue(event.target.value)}
              />
              <button
                type="button"
                aria-label={visible ? 'Conceal what is typed' : 'Show what is typed'}
                aria-pressed={visible}
                onClick={() => setVisible(!visible)}
                className="absolute top-1 right-1 flex size-6 items-center justify-center rounded-sm text-text-3 hover:bg-hover hover:text-text"
              >
                {visible ? <EyeOff size={14} aria-hidden /> : <Eye size={14} aria-hidden />}
              </button>
            </div>
          )}
        </Field>
        <Field label="Description" optional error={issueFor(create.error, 'description')}>
          {(control) => (
            <TextInput {...control} value={description} onChange={(event) => setDescription(event.target.value)} />
          )}
        </Field>
        {create.error !== null && nameIssue === undefined && <ErrorNotice error={create.error} />}
      </div>
    </Dialog>
  )
}
