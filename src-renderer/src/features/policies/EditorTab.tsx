import type { PolicySet } from '@contract'
import { useEffect, useState } from 'react'
import { AppError } from '@/lib/app-error'
import { shortId } from '@/lib/format'
import { insertRule, usePolicyDraft } from '@/lib/policy-draft'
import { useCommand } from '@/lib/queries'
import { type JsonSchema, suggestAt } from '@/lib/schema-completion'
import { Button, CodeEditor, ErrorNotice, Notice, toastDone } from '@/ui'
import policySchema from '../../../../resources/policies/policy.schema.json'
import { ProblemList } from './ProblemList'
import { ReplayDialog } from './ReplayDialog'
import { RulesTable } from './RulesTable'
import { useActivation } from './use-activation'
import type { Inspection } from './use-inspection'
import type { PolicyText } from './use-policy-text'

const suggest = (text: string, offset: number) => suggestAt(policySchema as JsonSchema, text, offset)

export interface EditorTabProps {
  readonly policy: PolicySet
  readonly draft: PolicyText
  readonly inspection: Inspection
}

/** Where in the text an error stands, when it says so. */
const placeOf = (error: AppError): string => {
  const { line, column } = error.details
  if (typeof line !== 'number') return ''
  return typeof column === 'number' ? `line ${line}, column ${column}: ` : `line ${line}: `
}

/** The file with everything that is known of it, beside the rules in force. */
export function EditorTab({ policy, draft, inspection }: EditorTabProps) {
  const save = useCommand('policies.save')
  const [reveal, setReveal] = useState<number | null>(null)
  const { text, dirty, setText } = draft
  const take = usePolicyDraft((state) => state.take)
  useEffect(() => {
    const proposed = take()
    if (proposed !== null) setText(insertRule(text, proposed))
  }, [take, setText, text])

  const activation = useActivation({
    which: { text },
    act: () => save.run({ baseHash: draft.base.textHash, text }),
    done: (saved) => {
      draft.saved(saved)
      toastDone('The policy is saved and in force.')
    },
  })
  const { result, current } = inspection
  const problems = result?.problems ?? policy.problems
  const found = current && result?.error !== undefined && result.error !== null ? new AppError(result.error) : null
  const fault = found ?? (dirty || policy.error === null ? null : new AppError(policy.error))
  const failed = activation.error ?? inspection.error

  return (
    <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,2fr)_minmax(0,3fr)]">
      <RulesTable rules={policy.rules} />
      <section aria-label="Policy file" className="flex min-h-0 min-w-0 flex-col border-l border-line">
        <div className="flex h-10 shrink-0 items-center gap-2 border-b border-line px-4">
          <h2 className="section-title">Policy file</h2>
          <span className="font-mono text-xs text-text-3" title={draft.base.textHash}>
            {shortId(draft.base.textHash)}
          </span>
          {dirty && <span className="text-xs text-wait">not saved</span>}
          <div className="ml-auto flex gap-2">
            {dirty && <Button onPress={draft.discard}>Discard</Button>}
            <Button onPress={inspection.run}>Check</Button>
            <Button
              variant="primary"
              busy={activation.busy}
              isDisabled={!dirty}
              onPress={() => void activation.start()}
            >
              Save policy
            </Button>
          </div>
        </div>
        {draft.overtaken && (
          <Notice
            tone="wait"
            role="alert"
            title="The file was changed meanwhile."
            action={
              <Button size="small" onPress={draft.keep}>
                Keep my text
              </Button>
            }
          >
            Your text is still here. Discard it to see the file as it is now.
          </Notice>
        )}
        {fault !== null ? (
          <Notice tone="bad" role="alert" title={`${placeOf(fault)}${fault.message}`}>
            {fault.nextStep} <span className="font-mono text-xs text-text-3">{fault.code}</span>
          </Notice>
        ) : failed !== null ? (
          <ErrorNotice error={failed} />
        ) : current && dirty ? (
          <Notice tone="ok" title="This text is valid.">
            It is not in force until you save it.
          </Notice>
        ) : null}
        <div className="flex min-h-0 flex-1 flex-col p-4">
          <CodeEditor
            label="Policy"
            language="yaml"
            fill
            value={text}
            onChange={setText}
            problems={problems}
            suggest={suggest}
            revealLine={reveal}
          />
        </div>
        <ProblemList
          problems={problems}
          onShow={(line) => {
            setReveal(null)
            requestAnimationFrame(() => setReveal(line))
          }}
        />
      </section>
      {activation.asked !== null && (
        <ReplayDialog
          replay={activation.asked}
          act="Save policy"
          busy={activation.busy}
          onConfirm={() => void activation.confirm()}
          onClose={activation.cancel}
        />
      )}
    </div>
  )
}
