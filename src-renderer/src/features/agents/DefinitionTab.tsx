import type { AgentDetail } from '@contract'
import { useState } from 'react'
import { formatDateTime, formatDuration, plural } from '@/lib/format'
import { useCommand } from '@/lib/queries'
import { Button, CodeEditor, Fact, Facts, MODES, Notice, PRIORITY_LOOKS, TextInput, TIERS, toastDone } from '@/ui'
import { AgentForm } from './AgentForm'
import { type AgentDraft, definitionOf, draftOf } from './agent-draft'

function Globs({ items, none }: { readonly items: readonly string[]; readonly none: string }) {
  if (items.length === 0) return <span className="text-text-3">{none}</span>
  return <span className="font-mono text-xs">{items.join(', ')}</span>
}

interface ViewProps {
  readonly agent: AgentDetail
  readonly onEdit: () => void
}

function View({ agent, onEdit }: ViewProps) {
  const { definition } = agent
  const { limits } = definition
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-4 py-3">
      <div className="flex items-start gap-6">
        <Facts className="flex-1">
          <Fact name="Description">{definition.description || <span className="text-text-3">none</span>}</Fact>
          <Fact name="Tier">
            {TIERS[definition.securityTier].name}, {TIERS[definition.securityTier].wall}
          </Fact>
          <Fact name="Mode">
            {MODES[definition.executionMode].word}, {MODES[definition.executionMode].gloss}
          </Fact>
          <Fact name="Priority">{PRIORITY_LOOKS[definition.priority].word}</Fact>
          {definition.executionMode === 'external' ? (
            <Fact name="Heartbeat">
              <span className="num">
                every {formatDuration(definition.heartbeatIntervalMs)}, unreachable after{' '}
                {formatDuration(3 * definition.heartbeatIntervalMs)} without one
              </span>
            </Fact>
          ) : (
            <Fact name="Runs at once">
              <span className="num">{definition.concurrency}</span>
            </Fact>
          )}
          <Fact name="Limits">
            <span className="num">
              {limits.memoryMb} MiB, {limits.cpuCores} {limits.cpuCores === 1 ? 'core' : 'cores'}, runs at most{' '}
              {formatDuration(limits.executionTimeoutMs)}, idle at most {formatDuration(limits.idleTimeoutMs)}
            </span>
          </Fact>
          <Fact name="Capabilities">
            {definition.capabilities.join(', ') || <span className="text-text-3">none</span>}
          </Fact>
          <Fact name="Tools">
            <Globs items={definition.tools} none="none allowed" />
          </Fact>
          <Fact name="Secrets">
            <Globs items={definition.secrets} none="none allowed" />
          </Fact>
          <Fact name="Messages">
            <Globs items={definition.messages} none="none allowed" />
          </Fact>
          {definition.files.length > 0 && (
            <Fact name="Files">
              <Globs items={definition.files.map((file) => file.name)} none="none" />
            </Fact>
          )}
        </Facts>
        {agent.actions.includes('edit') && <Button onPress={onEdit}>Edit</Button>}
      </div>
      <section className="flex min-h-64 flex-1 flex-col">
        <h2 className="section-title mb-1">Program, version {agent.version}</h2>
        <CodeEditor label="Program" language="javascript" readOnly fill value={definition.source.text} />
      </section>
      <section>
        <h2 className="section-title mb-1">{plural(agent.versions.length, 'version')}</h2>
        <ol>
          {[...agent.versions]
            .sort((a, b) => b.version - a.version)
            .map((version) => (
              <li key={version.version} className="flex gap-4 border-b border-line py-1 last:border-0">
                <span className="num w-8 font-medium">{version.version}</span>
                <span className="num text-text-3">{formatDateTime(version.createdAtMs)}</span>
                <span className="min-w-0 truncate text-text-2">{version.note}</span>
              </li>
            ))}
        </ol>
      </section>
    </div>
  )
}

/** The definition: to read, and to edit into a new version. */
export function DefinitionTab({ agent }: { readonly agent: AgentDetail }) {
  const edit = useCommand('agents.edit')
  const [base, setBase] = useState<AgentDetail | null>(null)
  const [draft, setDraft] = useState<AgentDraft | null>(null)
  const [note, setNote] = useState('')
  const open = () => {
    edit.reset()
    setBase(agent)
    setDraft(draftOf(agent.definition))
    setNote('')
  }
  if (draft === null || base === null) return <View agent={agent} onEdit={open} />

  const overtaken = agent.version !== base.version
  const save = async () => {
    const outcome = await edit.run({
      id: agent.id,
      baseVersion: base.version,
      definition: definitionOf(draft),
      note: note.trim(),
    })
    if (!outcome.ok) return
    toastDone(`Version ${outcome.value.version} is saved.`)
    setDraft(null)
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 items-center gap-2 border-b border-line px-4 py-2">
        <span className="num text-text-2">Editing version {base.version}</span>
        <TextInput
          aria-label="Note"
          placeholder="What changes in the new version"
          value={note}
          maxLength={200}
          onChange={(event) => setNote(event.target.value)}
          className="ml-auto max-w-72"
        />
        <Button onPress={() => setDraft(null)}>Cancel</Button>
        <Button variant="primary" busy={edit.busy} onPress={() => void save()}>
          Save version
        </Button>
      </div>
      {(overtaken || edit.error?.code === 'AGENT_003') && (
        <Notice
          tone="wait"
          role="alert"
          title={`Version ${agent.version} was saved meanwhile.`}
          action={
            <Button
              size="small"
              onPress={() => {
                setBase(agent)
                edit.reset()
              }}
            >
              Keep my text on top of it
            </Button>
          }
        >
          Nothing of yours is lost. Compare with the newest version before you save over it, or cancel to see it.
        </Notice>
      )}
      <AgentForm
        draft={draft}
        error={edit.error?.code === 'AGENT_003' ? null : edit.error}
        onChange={(change) => setDraft({ ...draft, ...change })}
      />
    </div>
  )
}
