import type { Json, Priority } from '@contract'
import { useNavigate } from '@tanstack/react-router'
import { Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { parseJsonText, prettyJson } from '@/lib/json-text'
import { useCommand, useRead } from '@/lib/queries'
import { Button, Dialog, ErrorNotice, Field, PRIORITY_LOOKS, PRIORITY_ORDER, Select, TextArea, TextInput } from '@/ui'
import { startWithinOf } from './start-within'

export interface RunDialogProps {
  readonly agent: { readonly id: string; readonly name: string }
  readonly onClose: () => void
}

/** The input that was used last, else the example of the template that the agent came from. */
const useSuggestedInput = (id: string): Json | undefined => {
  const last = useRead('executions.list', { agentId: id, limit: 1 })
  const detail = useRead('agents.get', { id })
  const templates = useRead('agents.templates', {})
  const newest = last.data?.[0]
  if (newest !== undefined) return newest.input
  if (last.data === undefined || detail.data === undefined || templates.data === undefined) return undefined
  const from = detail.data.definition.metadata['template']
  return templates.data.find((template) => template.id === from)?.exampleInput
}

/** Ask for the input of a run, then start it and show its log. */
export function RunDialog({ agent, onClose }: RunDialogProps) {
  const navigate = useNavigate()
  const run = useCommand('agents.run')
  const suggested = useSuggestedInput(agent.id)
  const [text, setText] = useState<string | null>(null)
  useEffect(() => {
    if (suggested !== undefined && suggested !== null) setText((typed) => typed ?? prettyJson(suggested))
  }, [suggested])
  const [priority, setPriority] = useState<Priority | null>(null)
  const [within, setWithin] = useState('')
  const own = useRead('agents.get', { id: agent.id }).data?.priority
  const parsed = parseJsonText(text ?? '')
  const startWithin = startWithinOf(within)
  const submit = async () => {
    if (!parsed.ok || !startWithin.ok) return
    const outcome = await run.run({
      id: agent.id,
      ...(parsed.value === undefined ? {} : { input: parsed.value }),
      ...(priority === null ? {} : { priority }),
      ...(startWithin.ms === null ? {} : { startWithinMs: startWithin.ms }),
    })
    if (!outcome.ok) return
    onClose()
    void navigate({
      to: '/agents/$agentId',
      params: { agentId: agent.id },
      search: { tab: 'log', run: outcome.value.id },
    })
  }
  return (
    <Dialog
      title={`Run ${agent.name}`}
      isOpen
      onClose={onClose}
      footer={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button
            variant="primary"
            icon={<Play size={14} aria-hidden />}
            busy={run.busy}
            isDisabled={!parsed.ok || !startWithin.ok}
            onPress={() => void submit()}
          >
            Run agent
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <Field
          label="Input"
          optional
          hint="JSON that the agent receives. Leave it empty to run without one."
          error={parsed.ok ? undefined : parsed.message}
        >
          {(control) => (
            <TextArea
              {...control}
              rows={8}
              className="font-mono text-xs"
              value={text ?? ''}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void submit()
              }}
            />
          )}
        </Field>
        <div className="grid grid-cols-2 gap-3">
          <Field label="Priority" hint="Its place in the queue.">
            {(control) => (
              <Select
                {...control}
                value={priority ?? ''}
                onChange={(event) =>
                  setPriority(PRIORITY_ORDER.find((candidate) => candidate === event.target.value) ?? null)
                }
              >
                <option value="">
                  {own === undefined ? 'As the agent' : `As the agent, ${PRIORITY_LOOKS[own].word.toLowerCase()}`}
                </option>
                {PRIORITY_ORDER.map((candidate) => (
                  <option key={candidate} value={candidate}>
                    {PRIORITY_LOOKS[candidate].word}
                  </option>
                ))}
              </Select>
            )}
          </Field>
          <Field
            label="Start within"
            optional
            hint="Seconds; later it is not started any more."
            error={startWithin.ok ? undefined : startWithin.message}
          >
            {(control) => (
              <TextInput
                {...control}
                inputMode="decimal"
                className="num"
                value={within}
                onChange={(event) => setWithin(event.target.value)}
              />
            )}
          </Field>
        </div>
        {run.error !== null && <ErrorNotice error={run.error} />}
      </div>
    </Dialog>
  )
}
