import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SandboxSpec } from './types'

/** One file of the work folder, its path relative to /work. */
export interface StagedFile {
  readonly path: string
  readonly bytes: Buffer
}

/** The folders that {@link stagedFiles} puts files in, parents first. */
export const STAGED_FOLDERS = ['files', 'node_modules', 'node_modules/symbi'] as const

const CLIENT_FILES = ['package.json', 'index.mjs'] as const

/** The agents' client library, as it stands in the resources. */
export const readClientLibrary = (resourcesDir: string): Promise<readonly StagedFile[]> =>
  Promise.all(
    CLIENT_FILES.map(async (name) => ({
      path: `node_modules/symbi/${name}`,
      bytes: await readFile(join(resourcesDir, 'agent-runtime', name)),
    })),
  )

/** Everything that an agent finds under its work folder when it starts. */
export const stagedFiles = (spec: SandboxSpec, client: readonly StagedFile[]): readonly StagedFile[] => [
  ...client,
  { path: 'agent.mjs', bytes: Buffer.from(spec.program) },
  { path: 'input.json', bytes: Buffer.from(spec.inputJson) },
  ...spec.files.map((file) => ({ path: `files/${file.name}`, bytes: Buffer.from(file.text) })),
]
