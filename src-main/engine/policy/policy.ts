import { createHash } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  watch,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import type { PolicyRuleSummary, PolicySet as PolicySetView, WireError } from '@contract'
import { asRuntimeError, type Clock, type Events, type Log, RuntimeError, toWireError } from '../core'
import { BUILTIN_RULES } from './builtin'
import { createPolicySet, type PolicySet } from './decide'
import { parsePolicies } from './parse'
import type { Decision, PolicyRequest, Rule } from './types'

export interface Policy {
  decide(request: PolicyRequest): Decision
  view(): PolicySetView
  /** Why this text would be refused, or null. Changes nothing. */
  check(text: string): WireError | null
  /**
   * Replace the file, when it is still the one that was shown, and put it in force.
   * @throws POLICY_003 when the file is another one by now, POLICY_002 when the text is not valid
   */
  save(baseHash: string, text: string): void
  close(): void
}

export interface PolicyOptions {
  /** The policy file; made from `defaultText` when it is missing. */
  readonly path: string
  readonly defaultText: string
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

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

const summary = (rule: Rule): PolicyRuleSummary => ({
  name: rule.name,
  priority: rule.priority,
  effect: rule.effect,
  conditions: rule.conditions.map((condition) => `${condition.key}: ${condition.value}`),
  resources: [...rule.resources],
  operations: [...rule.operations],
  origin: rule.origin,
})

/**
 * The policy in force: the product's own rules and those of one YAML file, which is reread when it changes.
 * A file that is not valid never takes effect: the last good rules stay, and when there never were any,
 * only the product's own rules hold, so agents may do nothing.
 */
export const createPolicy = (options: PolicyOptions): Policy => {
  const { path, clock, events, log } = options
  if (!existsSync(path)) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    writeAtomically(path, options.defaultText)
  }

  let active: PolicySet = createPolicySet(BUILTIN_RULES, '')
  let fileText: string | null = null
  let error: RuntimeError | null = null
  let loadedAtMs = clock.nowMs()

  const compileText = (text: string): PolicySet => createPolicySet([...parsePolicies(text), ...BUILTIN_RULES], text)

  const reload = (): boolean => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (cause) {
      const known = error !== null && fileText === null
      fileText = null
      error = new RuntimeError('POLICY_002', 'The policy file cannot be read; the last good rules stay in force.', {
        cause,
      })
      return !known
    }
    if (text === fileText) return false
    fileText = text
    try {
      active = compileText(text)
      error = null
      loadedAtMs = clock.nowMs()
      log.info({ setHash: active.hash, rules: active.rules.length }, 'policy in force')
    } catch (cause) {
      error = asRuntimeError(cause, 'POLICY_002', 'The policy file is not valid')
      log.warn({ code: error.code, reason: error.message }, 'policy file refused, the last good rules stay in force')
    }
    return true
  }
  reload()

  let cancelReload: (() => void) | null = null
  const watcher = watch(dirname(path), { persistent: false }, (_kind, name) => {
    if (name !== null && name !== basename(path)) return
    cancelReload?.()
    // Editors write in several steps; read once they have settled.
    cancelReload = clock.after(50, () => {
      cancelReload = null
      if (reload()) events.publish('policies.changed', {})
    })
  })
  watcher.on('error', (cause) => log.warn({ cause }, 'the policy folder can no longer be watched'))

  return {
    decide: (request) => active.decide(request),
    view() {
      if (reload()) events.publish('policies.changed', {})
      return {
        text: fileText ?? '',
        textHash: sha256(fileText ?? ''),
        rules: active.rules.map(summary),
        loadedAtMs,
        error: error === null ? null : toWireError(error),
      }
    },
    check(text) {
      try {
        compileText(text)
        return null
      } catch (cause) {
        return toWireError(asRuntimeError(cause, 'POLICY_002', 'The policy file is not valid'))
      }
    },
    save(baseHash, text) {
      reload()
      if (sha256(fileText ?? '') !== baseHash)
        throw new RuntimeError('POLICY_003', 'The policy file is not the one that was shown; nothing was saved.')
      compileText(text)
      writeAtomically(path, text)
      reload()
      events.publish('policies.changed', {})
    },
    close() {
      cancelReload?.()
      watcher.close()
    },
  }
}
