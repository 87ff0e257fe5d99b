import type { PolicyQuestion } from '@contract'

/** The words of the policy language. The contract holds the same lists; only its types reach this page. */
export const RESOURCE_TYPES = [
  'File',
  'Network',
  'Database',
  'API',
  'Command',
  'Environment',
  'Tool',
  'Server',
  'Secret',
  'Memory',
  'Knowledge',
  'Message',
  'Agent',
  'Run',
  'Policy',
  'Approval',
  'Review',
  'Audit',
  'Settings',
  'Schedule',
  'Compute',
] as const satisfies readonly PolicyQuestion['resourceType'][]

export const OPERATIONS = [
  'Read',
  'Write',
  'Execute',
  'Create',
  'Modify',
  'Delete',
  'List',
  'Connect',
  'Send',
  'Receive',
  'Subscribe',
  'Delegate',
  'Export',
  'Allocate',
  'Preempt',
] as const satisfies readonly PolicyQuestion['operation'][]

export const PRINCIPALS = [
  'agent',
  'operator',
  'cli',
  'engine',
] as const satisfies readonly PolicyQuestion['principal'][]

export const LEVELS = {
  none: 'none (tier 0)',
  standard: 'standard (tier 1)',
  high: 'high (tier 2)',
  maximum: 'maximum (tier 3)',
} as const satisfies Record<NonNullable<PolicyQuestion['securityLevel']>, string>

/** What was typed into the simulator, as text. */
export interface QuestionForm {
  readonly principal: PolicyQuestion['principal']
  readonly agentName: string
  readonly securityLevel: keyof typeof LEVELS
  readonly resourceType: PolicyQuestion['resourceType']
  readonly resource: string
  readonly operation: PolicyQuestion['operation']
  readonly roles: string
  readonly labels: string
  readonly capabilities: string
  readonly tool: string
  readonly addresses: string
  readonly realPath: string
  /** One `name=value` a line. */
  readonly environment: string
  /** Local date and time as the browser's field writes it; blank is now. */
  readonly at: string
}

export const EMPTY_QUESTION: QuestionForm = {
  principal: 'agent',
  agentName: 'agent',
  securityLevel: 'standard',
  resourceType: 'Tool',
  resource: '',
  operation: 'Execute',
  roles: '',
  labels: '',
  capabilities: '',
  tool: '',
  addresses: '',
  realPath: '',
  environment: '',
  at: '',
}

const list = (text: string): string[] =>
  text
    .split(/[,\n]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

const pairs = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  )

const given = <K extends string>(key: K, values: string[]) =>
  (values.length === 0 ? {} : { [key]: values }) as { [P in K]?: string[] }

/** The question that the form asks. What is blank is left out, as if nobody attested it. */
export const toQuestion = (form: QuestionForm): PolicyQuestion => {
  const environment = pairs(form.environment)
  return {
    principal: form.principal,
    agentName: form.principal === 'agent' ? form.agentName.trim() : '',
    securityLevel: form.principal === 'agent' ? form.securityLevel : null,
    resourceType: form.resourceType,
    resource: form.resource,
    operation: form.operation,
    ...given('roles', list(form.roles)),
    ...given('labels', list(form.labels)),
    ...given('capabilities', list(form.capabilities)),
    ...given('addresses', list(form.addresses)),
    ...(form.tool.trim() === '' ? {} : { tool: form.tool.trim() }),
    ...(form.realPath.trim() === '' ? {} : { realPath: form.realPath.trim() }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
  }
}

/** The moment that was typed, milliseconds since the Unix epoch; undefined is now. */
export const atMsOf = (form: QuestionForm): number | undefined => {
  const atMs = Date.parse(form.at)
  return Number.isNaN(atMs) ? undefined : atMs
}
