import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type AuditAnchor, auditFolders, createFileAnchor, createKeyringAnchor } from '../engine/audit'
import { loadConfig } from '../engine/config'
import { systemClock } from '../engine/core'
import { createSystemKeyring } from '../engine/secrets'
import { openReader, type Reader } from '../engine/store'
import { type CommonOptions, dataDirOf } from './open-host'

/** The audit trail of a data folder, read beside whatever writes it. */
export interface AuditReader {
  readonly reader: Reader
  /** The places that remember how far the trail went. */
  readonly anchors: readonly AuditAnchor[]
  readonly archiveDir: string
}

const anchorDirOf = (options: CommonOptions, dataDir: string): string => {
  const named = options.config ?? process.env['SYMBI_CONFIG']
  const path = named ?? join(dataDir, 'runtime_config.toml')
  const { audit } = loadConfig({
    path: named !== undefined || existsSync(path) ? path : null,
    env: process.env,
    readFile: (file) => readFileSync(file, 'utf8'),
  })
  return audit.anchorDir === null ? auditFolders(dataDir).anchors : resolve(dataDir, audit.anchorDir)
}

/** Use the trail and close it again. @throws STORE_001, STORE_002, CONFIG_001 */
export const withAuditReader = async <T>(
  options: CommonOptions,
  use: (trail: AuditReader) => Promise<T>,
): Promise<T> => {
  const dataDir = dataDirOf(options)
  const reader = openReader({ dir: dataDir, nativeBinding: process.env['SYMBI_SQLITE_BINDING'] })
  try {
    const installation = reader.get<{ value: string }>(`SELECT value FROM meta WHERE key = 'installation'`)?.value ?? ''
    return await use({
      reader,
      anchors: [
        createFileAnchor(anchorDirOf(options, dataDir)),
        createKeyringAnchor(createSystemKeyring('symbi-console', systemClock), installation),
      ],
      archiveDir: auditFolders(dataDir).archives,
    })
  } finally {
    reader.close()
  }
}
