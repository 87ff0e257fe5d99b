/** What there is, what was granted of it, what is used, and who went beyond. */
export { createMachine, type Machine } from './machine'
export { createResources, type ResourcesPorts } from './resources'
export type { ReserveOrder, Resources, UsageWatch } from './types'
