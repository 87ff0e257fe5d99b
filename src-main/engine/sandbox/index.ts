/** The walls around agents: one interface, a driver for each tier. */
export { createDockerDriver, type DockerDriverOptions } from './docker/docker-driver'
export type { HostCapacity } from './docker/host'
export { createRemoteTarget, type RemoteKeys, type RemoteTarget, remoteBackendId } from './docker/remote-target'
export { createProcessDriver, type ProcessDriverOptions } from './process/process-driver'
export { createSandboxes, type Sandboxes, type SandboxesOptions } from './registry'
export type { FoundSandbox, Sandbox, SandboxDriver, SandboxExit, SandboxIo, SandboxSpec, TierStatus } from './types'
