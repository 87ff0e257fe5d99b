import type { AgentDetail, AgentTemplate } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { parseJsonText, prettyJson } from '@/lib/json-text'
import { useCommand, useRead } from '@/lib/queries'
import {
  Button,
  EmptyState,
  Field,
  Loaded,
  PageHeader,
  Select,
  SkeletonBlock,
  TextArea,
  toastDone,
  toastError,
} from '@/ui'
import { AgentForm } from './AgentForm'
import { type AgentDraft, definitionOf, draftOf } from './agent-draft'

interface EditorProps {
  readonly templates: readonly AgentTemplate[]
  readonly original: AgentDetail | undefined
}

const fromTemplate = (template: AgentTemplate): AgentDraft => {
  const draft = draftOf(template.definition)
  return { ...draft, rest: { ...draft.rest, metadata: { ...draft.rest.metadata, template: template.id } } }
}

const copyOf = (original: AgentDetail): AgentDraft => ({
  ...draftOf(original.definition),
  name: `${original.name.slice(0, 75)} copy`,
})

function Editor({ templates, original }: EditorProps) {
  const navigate = useNavigate()
  const create = useCommand('agents.create')
  const run = useCommand('agents.run')
  // The one that needs nothing but itself.
  const first = templates.find(({ id }) => id === 'hello') ?? templates[0]
  const [templateId, setTemplateId] = useState(original === undefined ? (first?.id ?? '') : '')
  const [draft, setDraft] = useState<AgentDraft | null>(
    original !== undefined ? copyOf(original) : first === undefined ? null : fromTemplate(first),
  )
  const [runNow, setRunNow] = useState(false)
  const [input, setInput] = useState(first === undefined ? '' : prettyJson(first.exampleInput))
  const parsed = parseJsonText(input)
  if (draft === null) {
    return (
      <EmptyState title="No templates">
        The installation has no templates; reinstall the console to get them back.
      </EmptyState>
    )
  }

  const choose = (id: string) => {
    const template = templates.find((candidate) => candidate.id === id)
    if (template === undefined) return
    setTemplateId(id)
    setDraft(fromTemplate(template))
    setInput(prettyJson(template.exampleInput))
    create.reset()
  }

  const submit = async () => {
    if (runNow && !parsed.ok) return
    const outcome = await create.run({ definition: definitionOf(draft) })
    if (!outcome.ok) return
    const { id, name } = outcome.value
    toastDone(`${name} is created.`)
    if (runNow && parsed.ok) {
      const started = await run.run({ id, ...(parsed.value === undefined ? {} : { input: parsed.value }) })
      if (!started.ok) toastError(started.error)
    }
    void navigate({ to: '/agents/$agentId', params: { agentId: id } })
  }

  return (
    <>
      <PageHeader
        title={original === undefined ? 'New agent' : `Duplicate ${original.name}`}
        note="It is created, not started, unless you say so."
      >
        <Button onPress={() => void navigate({ to: '/agents' })}>Cancel</Button>
        <Button variant="primary" busy={create.busy || run.busy} onPress={() => void submit()}>
          Create agent
        </Button>
      </PageHeader>
      <AgentForm
        draft={draft}
        error={create.error}
        onChange={(change) => setDraft({ ...draft, ...change })}
        before={
          original === undefined ? (
            <Field
              label="Template"
              hint={templates.find((template) => template.id === templateId)?.definition.description}
            >
              {(control) => (
                <Select {...control} value={templateId} onChange={(event) => choose(event.target.value)}>
                  {templates.map((template) => (
                    <option key={template.id} value={template.id}>
                      {template.title}
                    </option>
                  ))}
                </Select>
              )}
            </Field>
          ) : undefined
        }
        after={
          <div className="flex flex-col gap-2 border-t border-line pt-4">
            <label className="flex items-center gap-2">
              <input
                type="checkbox"
                className="accent-accent-solid"
                checked={runNow}
                onChange={() => setRunNow(!runNow)}
              />
              Run it once it is created
            </label>
            {runNow && (
              <Field label="Input" hint="JSON that the agent receives." error={parsed.ok ? undefined : parsed.message}>
                {(control) => (
                  <TextArea
                    {...control}
                    rows={5}
                    className="font-mono text-xs"
                    value={input}
                    onChange={(event) => setInput(event.target.value)}
                  />
                )}
              </Field>
            )}
          </div>
        }
      />
    </>
  )
}

/** Make an agent from a template, or from another agent when `from` names one. */
export function NewAgentPage() {
  const { from } = useSearch({ from: '/agents/new' })
  const templates = useRead('agents.templates', {})
  const original = useRead('agents.get', { id: from ?? '' }, { enabled: from !== undefined })
  return (
    <Loaded read={templates} skeleton={<SkeletonBlock />}>
      {(list) =>
        from === undefined ? (
          <Editor templates={list} original={undefined} />
        ) : (
          <Loaded read={original} skeleton={<SkeletonBlock />}>
            {(detail) => <Editor key={detail.id} templates={list} original={detail} />}
          </Loaded>
        )
      }
    </Loaded>
  )
}
