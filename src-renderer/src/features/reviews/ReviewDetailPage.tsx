import type { Json, ToolDetail } from '@contract'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { formatDateTime, plural } from '@/lib/format'
import { useRead } from '@/lib/queries'
import {
  Age,
  Button,
  CopyButton,
  Fact,
  Facts,
  JsonView,
  Loaded,
  Notice,
  SkeletonBlock,
  StatusBadge,
  TOOL_LOOKS,
  UntrustedText,
} from '@/ui'
import { DecisionBar } from './DecisionBar'
import { DefinitionDiff } from './DefinitionDiff'

const isRecord = (value: Json | undefined): value is { [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const HINTS = {
  readOnlyHint: ['only reads', 'may change things'],
  destructiveHint: ['may destroy', 'does not destroy'],
  idempotentHint: ['the same call twice does no more', 'each call acts again'],
  openWorldHint: ['reaches the outside world', 'stays inside'],
} as const

/** What the tool's own annotations say, in words. Nothing of it is verified. */
const claimedHints = (definition: Json): readonly string[] => {
  const annotations = isRecord(definition) ? definition['annotations'] : undefined
  if (!isRecord(annotations)) return []
  return Object.entries(HINTS).flatMap(([key, [yes, no]]) => {
    const value = annotations[key]
    return typeof value === 'boolean' ? [value ? yes : no] : []
  })
}

function Claims({ definition }: { readonly definition: Json }) {
  const record = isRecord(definition) ? definition : {}
  const { title, description } = record
  const hints = claimedHints(definition)
  return (
    <section aria-label="Claims" className="min-w-0">
      <h2 className="section-title mb-1.5">What it claims</h2>
      <Facts>
        {typeof title === 'string' && (
          <Fact name="claims to be">
            <UntrustedText text={title} />
          </Fact>
        )}
        <Fact name="says of itself">
          {typeof description === 'string' && description !== '' ? (
            <span className="whitespace-pre-wrap">
              <UntrustedText text={description} />
            </span>
          ) : (
            <span className="text-text-3">nothing</span>
          )}
        </Fact>
        {hints.length > 0 && <Fact name="says that it">{hints.join(', ')}</Fact>}
      </Facts>
    </section>
  )
}

function KnownFacts({ tool }: { readonly tool: ToolDetail }) {
  const server = useRead('servers.list', {}).data?.find((candidate) => candidate.id === tool.serverId)
  return (
    <section aria-label="Facts" className="min-w-0">
      <h2 className="section-title mb-1.5">What is known</h2>
      <Facts>
        <Fact name="Server">
          {tool.serverName}
          {server !== undefined && (
            <span className="ml-2 font-mono text-xs text-text-3">{[server.command, ...server.args].join(' ')}</span>
          )}
        </Fact>
        <Fact name="Called as">
          <UntrustedText text={tool.qualifiedName} />
        </Fact>
        <Fact name="Offered">
          <span className="num">{formatDateTime(tool.offeredAtMs)}</span>
        </Fact>
        <Fact name="Digest">
          <span className="flex items-start gap-1">
            <span className="font-mono text-xs [overflow-wrap:anywhere]" data-testid="digest">
              {tool.digest}
            </span>
            <CopyButton text={tool.digest} label="Copy the digest" className="-my-0.5 size-6" />
          </span>
        </Fact>
        <Fact name="Signature">
          <span className="text-text-3">not signed</span>
        </Fact>
        {tool.decidedAtMs !== null && (
          <Fact name="Decided">
            <Age atMs={tool.decidedAtMs} />
            {tool.decidedReason !== null && <span className="text-text-2">: {tool.decidedReason}</span>}
          </Fact>
        )}
      </Facts>
    </section>
  )
}

function HiddenCharacters({ tool }: { readonly tool: ToolDetail }) {
  if (tool.hiddenCharacters.length === 0) return null
  return (
    <Notice
      tone="bad"
      title={`${plural(tool.hiddenCharacters.length, 'hidden or misleading character')} in this definition`}
    >
      <p>A reader cannot see them, but a model can. They are named where they stand below.</p>
      <ul className="mt-1 max-h-28 overflow-y-auto font-mono text-xs">
        {tool.hiddenCharacters.map((found, index) => (
          <li key={`${found.pointer} ${found.codePoint} ${String(index)}`}>
            {found.codePoint} {found.name} at <UntrustedText text={found.pointer} />
          </li>
        ))}
      </ul>
    </Notice>
  )
}

/** One tool. What is shown is held still: when the server offers another definition meanwhile, that is said, not swapped. */
function Review({ latest }: { readonly latest: ToolDetail }) {
  const [shown, setShown] = useState(latest)
  const moved = latest.digest !== shown.digest
  const tool: ToolDetail = moved ? shown : latest
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-tool={tool.qualifiedName} data-status={tool.status}>
      <header className="flex shrink-0 flex-wrap items-center gap-x-3 border-b border-line px-4 py-3">
        <h1 className="min-w-0 text-lg font-semibold [&_bdi]:text-lg">
          <UntrustedText text={tool.qualifiedName} />
        </h1>
        <StatusBadge look={TOOL_LOOKS[latest.status]} className="font-medium" />
      </header>
      {moved && (
        <Notice
          tone="wait"
          role="alert"
          title="The server offers another definition now."
          action={
            <Button size="small" onPress={() => setShown(latest)}>
              Show the new definition
            </Button>
          }
        >
          What you read below is no longer offered, so it cannot be decided on.
        </Notice>
      )}
      <div className="flex min-h-0 flex-1 flex-col gap-5 overflow-y-auto px-4 py-4">
        {tool.status === 'changed' && (
          <Notice tone="bad" title="Its definition changed after it was decided on, so it is blocked.">
            Read what differs, then decide on the new definition.
          </Notice>
        )}
        <HiddenCharacters tool={tool} />
        <div className="grid gap-5 wide:grid-cols-2">
          <KnownFacts tool={tool} />
          <Claims definition={tool.definition} />
        </div>
        {tool.decidedDefinition !== null ? (
          <DefinitionDiff before={tool.decidedDefinition} after={tool.definition} />
        ) : (
          <section className="min-w-0">
            <h2 className="section-title mb-1.5">Definition as offered</h2>
            <JsonView value={tool.definition} label="Tool definition" />
          </section>
        )}
      </div>
      {tool.status !== 'gone' && <DecisionBar key={tool.digest} tool={tool} outdated={moved} />}
    </div>
  )
}

/** The tool that the address names. */
export function ReviewDetailPage() {
  const { toolId } = useParams({ from: '/reviews/$toolId' })
  const read = useRead('tools.get', { id: toolId })
  return (
    <Loaded read={read} skeleton={<SkeletonBlock />}>
      {(tool) => <Review key={tool.id} latest={tool} />}
    </Loaded>
  )
}
