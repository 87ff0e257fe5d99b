import type { Schedule } from '@contract'
import { Link } from '@tanstack/react-router'
import { formatDateTime, formatDuration, plural } from '@/lib/format'
import { Button, CopyButton, Fact, Facts, JsonView, PRIORITY_LOOKS } from '@/ui'
import { CATCH_UPS } from './looks'

/** A length of time that may be none. */
const lengthText = (ms: number): string => (ms === 0 ? 'none' : formatDuration(ms))

/** Everything that the schedule says. */
export function DefinitionTab({ schedule, onEdit }: { readonly schedule: Schedule; readonly onEdit: () => void }) {
  const { definition } = schedule
  return (
    <div className="flex flex-col gap-4 overflow-y-auto px-4 py-3">
      <div>
        <Button keyHint="E" onPress={onEdit}>
          Edit
        </Button>
      </div>
      <Facts>
        <Fact name="Agent">
          <Link
            to="/agents/$agentId"
            params={{ agentId: definition.agentId }}
            className="text-accent underline underline-offset-2"
          >
            {schedule.agentName}
          </Link>
        </Fact>
        {definition.when.kind === 'cron' ? (
          <Fact name="Pattern">
            <span className="font-mono text-xs">{definition.when.pattern}</span>
          </Fact>
        ) : (
          <Fact name="Once at">
            <span className="num">{formatDateTime(definition.when.atMs)} on this machine</span>
          </Fact>
        )}
        <Fact name="Time zone">{definition.when.zone}</Fact>
        <Fact name="Missed times">
          {CATCH_UPS[definition.catchUp].word}
          <span className="text-text-3">. {CATCH_UPS[definition.catchUp].gloss}</span>
        </Fact>
        <Fact name="Jitter">
          <span className="num">{lengthText(definition.jitterMs)}</span>
        </Fact>
        <Fact name="Runs at once">
          <span className="num">{definition.maxConcurrent}</span>
        </Fact>
        <Fact name="Retries">
          <span className="num">
            {definition.maxRetries === 0
              ? 'none'
              : `${plural(definition.maxRetries, 'retry', 'retries')}, the first after about ${formatDuration(definition.retryDelayMs)}`}
          </span>
        </Fact>
        <Fact name="Set aside after">
          <span className="num">{plural(definition.deadLetterAfter, 'failed time')} in a row</span>
        </Fact>
        <Fact name="History">
          <span className="num">{plural(definition.keepRuns, 'ended run')}</span>
        </Fact>
        <Fact name="Priority">
          {definition.priority === null ? 'as the agent' : PRIORITY_LOOKS[definition.priority].word}
        </Fact>
        <Fact name="Created">
          <span className="num">{formatDateTime(schedule.createdAtMs)}</span>
        </Fact>
        <Fact name="Version">
          <span className="num">{schedule.version}</span>
        </Fact>
        <Fact name="Id">
          <span className="flex items-center gap-1">
            <span className="font-mono text-xs">{schedule.id}</span>
            <CopyButton text={schedule.id} label="Copy the schedule's id" />
          </span>
        </Fact>
      </Facts>
      <section className="min-w-0">
        <h2 className="section-title mb-1">Input</h2>
        <JsonView value={definition.input} label="Schedule input" className="max-h-64" />
      </section>
    </div>
  )
}
