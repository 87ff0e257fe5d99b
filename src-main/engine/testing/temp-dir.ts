import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A fresh folder that goes when the test ends. */
export const tempDir = (): string => {
  const dir = mkdtempSync(join(tmpdir(), 'symbi-test-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  return dir
}
