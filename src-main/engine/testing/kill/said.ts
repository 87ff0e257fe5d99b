import { stdout } from 'node:process'
import type { Said } from './ledger'

/** Tell the parent. A write into a pipe is done when it returns, so what was said before a kill is heard. */
export const say = (line: Said): void => {
  stdout.write(`${JSON.stringify(line)}\n`)
}

export const trying = (key: string, value: string | null): void => say({ said: 'try', key, value })
export const kept = (key: string, value: string | null): void => say({ said: 'kept', key, value })

/** A message and who it is for. */
export const messageKey = (id: string, to: string): string => `message:${id}:${to}`
