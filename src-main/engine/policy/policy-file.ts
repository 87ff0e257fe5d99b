import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import type { PolicyProblem } from '@contract'
import { tooLarge } from './parse'

const writeAtomically = (path: string, text: string): void => {
  const temporary = `${path}.new`
  const file = openSync(temporary, 'w', 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(temporary, path)
}

/** The policy file on the disk. */
export interface PolicyFileOnDisk {
  /** The text, or why it was not even read. @throws what the file system throws */
  read(): { readonly text: string } | { readonly problem: PolicyProblem }
  /** Replaced as a whole, and on the disk when this returns. */
  write(text: string): void
}

/** Opens the file, which is made from `defaultText` when it is missing, for its owner only. */
export const openPolicyFile = (path: string, defaultText: string): PolicyFileOnDisk => {
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeAtomically(path, defaultText)
  }
  return {
    read() {
      const problem = tooLarge(statSync(path).size)
      return problem === null ? { text: readFileSync(path, 'utf8') } : { problem }
    },
    write: (text) => writeAtomically(path, text),
  }
}
