import type { Effect, PolicyRequest, Rule } from '../../src-main/engine/policy'

/** Rules and questions as a large installation has them: many teams, each with its secrets, tools, files and hosts. */
export interface Workload {
  readonly rules: readonly Rule[]
  readonly requests: readonly PolicyRequest[]
}

interface Shape {
  readonly effect: Effect
  readonly match: (n: number) => Rule['match']
  /** A name that such a rule fits. */
  readonly ask: (n: number) => Pick<PolicyRequest, 'resourceType' | 'resource' | 'operation'> & Partial<PolicyRequest>
}

const SHAPES: readonly Shape[] = [
  {
    effect: 'Allow',
    match: (n) => ({
      principals: ['agent'],
      agents: [`team-${n}-*`],
      resourceTypes: ['Secret'],
      resources: [`team-${n}/**`],
      operations: ['Read'],
    }),
    ask: (n) => ({
      resourceType: 'Secret',
      resource: `team-${n}/db/password`,
      operation: 'Read',
      agentName: `team-${n}-a`,
    }),
  },
  {
    effect: 'Allow',
    match: (n) => ({
      principals: ['agent'],
      resourceTypes: ['File'],
      resources: [`/srv/projects/p-${n}/**`],
      operations: ['Read', 'Write', 'List'],
    }),
    ask: (n) => ({ resourceType: 'File', resource: `/srv/projects/p-${n}/src/pages/index.ts`, operation: 'Read' }),
  },
  {
    effect: 'Deny',
    match: (n) => ({
      resourceTypes: ['File'],
      resources: [`/srv/projects/p-${n}/**/private/*.pem`, `**/vault-${n}/**`],
      operations: ['Read', 'Write', 'Delete'],
    }),
    ask: (n) => ({ resourceType: 'File', resource: `/srv/projects/p-${n}/deploy/private/site.pem`, operation: 'Read' }),
  },
  {
    effect: 'RequireApproval',
    match: (n) => ({
      principals: ['agent'],
      resourceTypes: ['Tool'],
      resources: [`server-${n}.delete*`, `*.drop_table_${n}`],
      operations: ['Execute'],
    }),
    ask: (n) => ({ resourceType: 'Tool', resource: `server-${n}.delete_item`, operation: 'Execute' }),
  },
  {
    effect: 'Allow',
    match: (n) => ({
      principals: ['agent'],
      agents: [`bot-${n}`],
      resourceTypes: ['Tool'],
      resources: ['**'],
      operations: ['Execute'],
    }),
    ask: (n) => ({ resourceType: 'Tool', resource: 'search.query', operation: 'Execute', agentName: `bot-${n}` }),
  },
  {
    effect: 'Allow',
    match: (n) => ({
      principals: ['agent'],
      securityLevels: ['standard', 'high', 'maximum'],
      resourceTypes: ['Network'],
      resources: [`api-${n}.example.org/443`, `*.svc-${n}.example.net/**`],
      operations: ['Connect'],
    }),
    ask: (n) => ({
      resourceType: 'Network',
      resource: `https://eu.svc-${n}.example.net/v1`,
      operation: 'Connect',
      addresses: ['203.0.113.7'],
    }),
  },
  {
    effect: 'Deny',
    match: (n) => ({
      principals: ['agent'],
      labels: ['untrusted'],
      resourceTypes: ['Knowledge'],
      resources: [`kb/dept-${n}/**`],
      operations: ['Read'],
    }),
    ask: (n) => ({
      resourceType: 'Knowledge',
      resource: `kb/dept-${n}/minutes`,
      operation: 'Read',
      labels: ['untrusted'],
    }),
  },
]

/** The same numbers each time. */
const createRandom = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

const REQUESTS = 5_000

/** `count` rules, and questions of which seven in ten are about a rule's own names and the rest about others' or nobody's. */
export const createWorkload = (count: number): Workload => {
  const random = createRandom(count)
  const rules = Array.from({ length: count }, (_, at): Rule => {
    const shape = SHAPES[at % SHAPES.length]
    if (shape === undefined) throw new Error('There is no such shape.')
    return {
      name: `rule-${at}`,
      priority: 100 + (at % 5) * 10,
      mode: 'enforce',
      effect: shape.effect,
      match: shape.match(Math.floor(at / SHAPES.length)),
      origin: 'file',
    }
  })
  const groups = Math.ceil(count / SHAPES.length)
  const requests = Array.from({ length: REQUESTS }, (): PolicyRequest => {
    const shape = SHAPES[Math.floor(random() * SHAPES.length)]
    if (shape === undefined) throw new Error('There is no such shape.')
    const known = random() < 0.7
    const number = known ? Math.floor(random() * groups) : groups + Math.floor(random() * groups)
    return {
      principal: 'agent',
      agentName: `team-${Math.floor(random() * groups)}-worker`,
      securityLevel: 'standard',
      ...shape.ask(number),
    }
  })
  return { rules, requests }
}
