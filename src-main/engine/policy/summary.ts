import type { PolicyRuleSummary } from '@contract'
import type { Match, Rule, TimeWindow } from './types'

const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

const windowText = ({ days, startMinute, endMinute, zone }: TimeWindow): string =>
  `${days.length === 7 ? 'daily' : days.join(' ')} ${clock(startMinute)}-${clock(endMinute)} ${zone}`

const conditionsOf = (match: Match): string[] => {
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ['principal', match.principals],
    ['agent_name', match.agents],
    ['agent_security_level', match.securityLevels],
    ['resource_type', match.resourceTypes],
    ['roles', match.roles],
    ['labels', match.labels],
    ['capabilities', match.capabilities],
    ['tools', match.tools],
    ['addresses', match.addresses],
    ['times', match.times?.map(windowText)],
    ...Object.entries(match.environment ?? {}).map(([name, values]) => [`environment ${name}`, values] as const),
  ]
  return lists.flatMap(([key, values]) => (values === undefined ? [] : [`${key}: ${values.join(', ')}`]))
}

/** A rule in the few words that a list shows. */
export const summaryOf = (rule: Rule): PolicyRuleSummary => ({
  name: rule.name,
  priority: rule.priority,
  mode: rule.mode,
  effect: rule.effect,
  conditions: conditionsOf(rule.match),
  resources: [...rule.match.resources],
  operations: [...rule.match.operations],
  reason: rule.reason ?? null,
  origin: rule.origin,
})
