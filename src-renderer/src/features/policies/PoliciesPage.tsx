import type { PolicySet } from '@contract'
import { useState } from 'react'
import { AppError } from '@/lib/app-error'
import { shortId } from '@/lib/format'
import { useCommand, useRead } from '@/lib/queries'
import { Age, Button, CodeEditor, ErrorNotice, Loaded, Notice, PageHeader, SkeletonBlock, toastDone } from '@/ui'
import { RulesTable } from './RulesTable'

/** Where in the text an error stands, when it says so. */
const placeOf = (error: AppError): { line: number | null; text: string } => {
  const line = error.details['line']
  const column = error.details['column']
  if (typeof line !== 'number') return { line: null, text: '' }
  return { line, text: typeof column === 'number' ? `line ${line}, column ${column}` : `line ${line}` }
}

type Checked = { readonly text: string; readonly error: AppError | null } | null

function Editor({ policy }: { readonly policy: PolicySet }) {
  const check = useCommand('policies.check')
  const save = useCommand('policies.save')
  const [base, setBase] = useState(policy)
  const [text, setText] = useState(policy.text)
  const [checked, setChecked] = useState<Checked>(null)
  const dirty = text !== base.text
  const overtaken = policy.textHash !== base.textHash
  // An untouched editor follows the file; a touched one keeps what was typed and says that the file moved.
  if (overtaken && !dirty) {
    setBase(policy)
    setText(policy.text)
  }

  const runCheck = async () => {
    const outcome = await check.run({ text })
    if (outcome.ok) setChecked({ text, error: outcome.value.error === null ? null : new AppError(outcome.value.error) })
  }
  const runSave = async () => {
    const outcome = await save.run({ baseHash: base.textHash, text })
    if (!outcome.ok) {
      if (outcome.error.code === 'POLICY_002') setChecked({ text, error: outcome.error })
      return
    }
    setBase(outcome.value)
    setText(outcome.value.text)
    setChecked(null)
    toastDone('The policy is saved and in force.')
  }
  const known = checked !== null && checked.text === text ? checked : null
  const fault = known?.error ?? (dirty || policy.error === null ? null : new AppError(policy.error))
  const place = fault === null ? null : placeOf(fault)
  const failed = save.error ?? check.error

  return (
    <section aria-label="Policy file" className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
        <h2 className="section-title">Policy file</h2>
        <span className="font-mono text-xs text-text-3" title={base.textHash}>
          {shortId(base.textHash)}
        </span>
        {dirty && <span className="text-xs text-wait">not saved</span>}
        <div className="ml-auto flex gap-2">
          {dirty && <Button onPress={() => setText(base.text)}>Discard</Button>}
          <Button busy={check.busy} onPress={() => void runCheck()}>
            Check
          </Button>
          <Button variant="primary" busy={save.busy} isDisabled={!dirty} onPress={() => void runSave()}>
            Save policy
          </Button>
        </div>
      </div>
      {overtaken && dirty && (
        <Notice
          tone="wait"
          role="alert"
          title="The file was changed meanwhile."
          action={
            <Button size="small" onPress={() => setBase(policy)}>
              Keep my text
            </Button>
          }
        >
          Your text is still here. Discard it to see the file as it is now.
        </Notice>
      )}
      {fault !== null ? (
        <Notice
          tone="bad"
          role="alert"
          title={place?.text === '' ? fault.message : `${place?.text ?? ''}: ${fault.message}`}
        >
          {fault.nextStep} <span className="font-mono text-xs text-text-3">{fault.code}</span>
        </Notice>
      ) : failed !== null && failed.code !== 'POLICY_002' ? (
        <ErrorNotice error={failed} />
      ) : known !== null ? (
        <Notice tone="ok" title="This text is valid.">
          {dirty ? 'It is not in force until you save it.' : 'It is in force.'}
        </Notice>
      ) : null}
      <div className="flex min-h-0 flex-1 flex-col p-4">
        <CodeEditor
          label="Policy"
          language="yaml"
          fill
          value={text}
          onChange={setText}
          revealLine={place?.line ?? null}
        />
      </div>
    </section>
  )
}

/** Default deny: what no rule allows is refused. */
export function PoliciesPage() {
  const read = useRead('policies.get', {})
  return (
    <>
      <PageHeader
        title="Policies"
        note={
          read.data === undefined ? undefined : (
            <>
              what no rule allows is denied, loaded <Age atMs={read.data.loadedAtMs} />
            </>
          )
        }
      />
      <Loaded read={read} skeleton={<SkeletonBlock />}>
        {(policy) => (
          <div className="flex min-h-0 flex-1 flex-col">
            {policy.error !== null && (
              <Notice tone="wait" role="alert" title="The file on disk is not in force. The last good rules are kept.">
                Correct the line that is named below, then save.
              </Notice>
            )}
            <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)_minmax(0,1fr)]">
              <RulesTable rules={policy.rules} />
              <div className="flex min-h-0 min-w-0 flex-col border-l border-line">
                <Editor policy={policy} />
              </div>
            </div>
          </div>
        )}
      </Loaded>
    </>
  )
}
