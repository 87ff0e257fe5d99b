/** The walls around agents: one interface, a driver for each tier. */
export { createDockerDriver, type DockerDriverOptions } from './docker/docker-driver'
export { createProcessDriver, type ProcessDriverOptions } from './process/process-driver'
export { createSandboxes, type Sandboxes, type SandboxesOptions } from './registry'
export type { FoundSandbox, Sandbox, SandboxDriver, SandboxExit, SandboxIo, SandboxSpec, TierStatus } from './types'
