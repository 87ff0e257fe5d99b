import { useNavigate, useSearch } from '@tanstack/react-router'
import { X } from 'lucide-react'
import { shortId } from '@/lib/format'
import { AUDIT_RANGES, type AuditSearch } from '@/lib/search'
import { Button, OUTCOME_LOOKS, SEVERITY_LOOKS, Select, TextInput, TypedInput } from '@/ui'
import { AgentChoice } from './AgentChoice'
import { RANGE_WORDS, SEVERITIES } from './audit-filter'

const OUTCOMES = ['success', 'denied', 'failed'] as const
const ACTORS = ['operator', 'cli', 'agent', 'engine'] as const
/** The areas of the acts; a whole area is chosen with its dot. */
const AREAS = [
  'agent.',
  'run.',
  'tool.',
  'secret.',
  'approval.',
  'policy.',
  'review.',
  'server.',
  'memory.',
  'knowledge.',
  'audit.',
  'settings.',
] as const
const localTime = (atMs: number | undefined): string => {
  if (atMs === undefined) return ''
  const at = new Date(atMs)
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

const timeOf = (text: string): number | undefined => {
  const atMs = Date.parse(text)
  return Number.isNaN(atMs) ? undefined : atMs
}

/** What narrows the trail: each choice stands in the address. */
export function AuditFilters({ searching }: { readonly searching: boolean }) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/audit' })
  const change = (part: Partial<AuditSearch>) =>
    void navigate({ to: '/audit', search: (before) => ({ ...before, ...part }), replace: true })
  const filtered =
    [search.outcome, search.severity, search.actor, search.agent, search.action, search.range, search.text].some(
      (value) => value !== undefined,
    ) || search.correlationId !== undefined
  return (
    <section
      aria-label="Filter"
      className="flex min-h-10 shrink-0 flex-wrap items-center gap-2 border-b border-line px-4 py-1.5"
    >
      <TypedInput
        id="audit-text"
        label="Search the trail"
        placeholder="Action, resource, actor or reason"
        value={search.text ?? ''}
        className="max-w-64"
        onValue={(text) => change({ text })}
      />
      <Select
        aria-label="Time"
        className="w-36!"
        value={search.range ?? ''}
        onChange={(event) =>
          change({
            range: AUDIT_RANGES.find((range) => range === event.target.value),
            since: undefined,
            until: undefined,
          })
        }
      >
        <option value="">Any time</option>
        {AUDIT_RANGES.map((range) => (
          <option key={range} value={range}>
            {RANGE_WORDS[range]}
          </option>
        ))}
      </Select>
      {search.range === 'custom' && (
        <>
          <TextInput
            type="datetime-local"
            aria-label="From"
            className="w-44!"
            value={localTime(search.since)}
            onChange={(event) => change({ since: timeOf(event.target.value) })}
          />
          <TextInput
            type="datetime-local"
            aria-label="Before"
            className="w-44!"
            value={localTime(search.until)}
            onChange={(event) => change({ until: timeOf(event.target.value) })}
          />
        </>
      )}
      <AgentChoice value={search.agent} onChange={(agent) => change({ agent })} />
      <Select
        aria-label="Actor"
        className="w-28!"
        value={search.actor ?? ''}
        onChange={(event) => change({ actor: ACTORS.find((actor) => actor === event.target.value) })}
      >
        <option value="">All actors</option>
        {ACTORS.map((actor) => (
          <option key={actor} value={actor}>
            {actor}
          </option>
        ))}
      </Select>
      <TypedInput
        label="Action"
        placeholder="Action, tool. or tool.call"
        value={search.action ?? ''}
        list="audit-areas"
        className="w-44! font-mono text-xs"
        onValue={(action) => change({ action })}
      />
      <datalist id="audit-areas">
        {AREAS.map((area) => (
          <option key={area} value={area} />
        ))}
      </datalist>
      <Select
        aria-label="Severity"
        className="w-32!"
        value={search.severity ?? ''}
        onChange={(event) => change({ severity: SEVERITIES.find((severity) => severity === event.target.value) })}
      >
        <option value="">Any severity</option>
        {SEVERITIES.slice(1).map((severity) => (
          <option key={severity} value={severity}>
            {SEVERITY_LOOKS[severity].word}
            {severity === 'critical' ? '' : ' and up'}
          </option>
        ))}
      </Select>
      <Select
        aria-label="Outcome"
        className="w-32!"
        value={search.outcome ?? ''}
        onChange={(event) => change({ outcome: OUTCOMES.find((outcome) => outcome === event.target.value) })}
      >
        <option value="">All outcomes</option>
        {OUTCOMES.map((outcome) => (
          <option key={outcome} value={outcome}>
            {OUTCOME_LOOKS[outcome].word}
          </option>
        ))}
      </Select>
      {search.correlationId !== undefined && (
        <span className="flex h-7 min-w-0 items-center gap-1 rounded-md border border-line-strong pl-2">
          <span className="truncate">
            one correlation id <span className="font-mono text-xs">{shortId(search.correlationId)}</span>
          </span>
          <button
            type="button"
            aria-label="Show all correlation ids"
            onClick={() => change({ correlationId: undefined, view: undefined })}
            className="flex size-6 items-center justify-center rounded-sm text-text-3 hover:bg-hover hover:text-text"
          >
            <X size={14} aria-hidden />
          </button>
        </span>
      )}
      {filtered && (
        <Button variant="ghost" onPress={() => void navigate({ to: '/audit', search: {} })}>
          Clear the filter
        </Button>
      )}
      {searching && <span className="text-xs text-text-3">searching</span>}
    </section>
  )
}
