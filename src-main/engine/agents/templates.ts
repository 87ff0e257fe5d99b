import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentTemplate } from '@contract'
import { messageOf, RuntimeError } from '../core'

const SOURCE_FILE = 'agent.mjs'
const FILES_FOLDER = 'files'

/**
 * Read the agent templates of a folder: one folder each, named by its id, with template.json (the definition without
 * its source and files), agent.mjs (the source) and, if it has any, files/*. Sorted by id.
 * @throws RuntimeError AGENT_004 naming the template that is not valid, so that a broken one is seen and not skipped.
 */
export const loadTemplates = async (dir: string): Promise<readonly AgentTemplate[]> => {
  const entries = await readdir(dir, { withFileTypes: true })
  const ids = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(ids.sort().map((id) => loadTemplate(dir, id)))
}

const loadTemplate = async (dir: string, id: string): Promise<AgentTemplate> => {
  const folder = join(dir, id)
  try {
    const [head, text, files] = await Promise.all([
      readFile(join(folder, 'template.json'), 'utf8').then((json): Record<string, unknown> => JSON.parse(json)),
      readFile(join(folder, SOURCE_FILE), 'utf8'),
      readFiles(join(folder, FILES_FOLDER)),
    ])
    const definition = { ...Object(head['definition']), source: { language: 'javascript', text }, files }
    const template = AgentTemplate.parse({ ...head, definition })
    if (template.id !== id) throw new Error(`its id is "${template.id}", its folder is not`)
    return template
  } catch (error) {
    throw new RuntimeError('AGENT_004', `The template "${id}" is not valid: ${messageOf(error)}`, { cause: error })
  }
}

const readFiles = async (folder: string): Promise<readonly { name: string; text: string }[]> => {
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  })
  return Promise.all(names.sort().map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })))
}
