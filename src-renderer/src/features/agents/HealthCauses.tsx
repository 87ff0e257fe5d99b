import type { AgentDetail, Health } from '@contract'
import { useNow } from '@/lib/clock'
import { Age, HEALTH_LOOKS, Notice, UntrustedText } from '@/ui'

type Cause = Health['causes'][number]

/** An agent that is not well has causes to show; of one that is, or of which nobody knows, the word is enough. */
export const ails = ({ health }: Pick<AgentDetail, 'health'>): boolean =>
  (health.status === 'degraded' || health.status === 'unhealthy') && health.causes.length > 0

function CauseText({ cause }: { readonly cause: Cause }) {
  const now = useNow()
  return (
    <>
      <UntrustedText text={cause.text} className="font-sans! text-sm!" />
      {cause.sinceMs !== null && cause.sinceMs <= now && (
        <span className="font-normal text-text-3">
          {' '}
          since <Age atMs={cause.sinceMs} />
        </span>
      )}
    </>
  )
}

/** Why an agent is not well. */
export function HealthCauses({ agent }: { readonly agent: Pick<AgentDetail, 'health'> }) {
  if (!ails(agent)) return null
  const { status, causes } = agent.health
  const [only] = causes
  const tone = status === 'unhealthy' ? 'bad' : 'wait'
  return (
    <section aria-label="Health" className="mt-2">
      {causes.length === 1 && only !== undefined ? (
        <Notice tone={tone} title={<CauseText cause={only} />} />
      ) : (
        <Notice tone={tone} title={HEALTH_LOOKS[status].word}>
          <ul>
            {causes.map((cause) => (
              <li key={`${cause.code} ${cause.text}`}>
                <CauseText cause={cause} />
              </li>
            ))}
          </ul>
        </Notice>
      )}
    </section>
  )
}
