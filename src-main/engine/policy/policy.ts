import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { PolicyProblem, PolicySet as PolicySetView, WireError } from '@contract'
import { asRuntimeError, type Clock, type Events, type Log, messageOf, RuntimeError, toWireError } from '../core'
import { BUILTIN_RULES } from './builtin'
import { withCache } from './cache'
import { createPolicySet, type PolicySet } from './decide'
import { type Explanation, explain } from './explain'
import type { PolicyHistory, PolicyVersion, VersionAuthor } from './history'
import { createLimiter, type Limiter } from './limiter'
import { type LoadedText, loadText } from './load'
import { errorOf } from './parse'
import { openPolicyFile } from './policy-file'
import { type RecordedDecision, type ReplayResult, replay } from './replay'
import type { Platform } from './resource-name'
import { summaryOf } from './summary'
import type { Decision, PolicyRequest } from './types'

/** Which rules are meant: those in force, a text that is not saved, or a version of the past by its hash. */
export type WhichSet = 'active' | { readonly text: string } | { readonly hash: string }

/** What happened to the rules in force; for the audit trail. */
export type PolicyChange =
  | {
      readonly kind: 'activated'
      readonly setHash: string
      readonly previousHash: string
      readonly rules: number
      readonly author: VersionAuthor
    }
  | { readonly kind: 'refused'; readonly textHash: string | null; readonly error: WireError }

export interface Policy {
  /** With the rules in force, now. Never waits, never throws. */
  decide(request: PolicyRequest): Decision
  /** Take what the limits of a decision ask for; give it back when the act is over. */
  acquire: Limiter['acquire']
  /** The same decision, and what each rule that did not fit would have needed. @throws as `load` */
  explain(request: PolicyRequest, options?: { readonly which?: WhichSet; readonly atMs?: number }): Explanation
  /** What a set would have answered to decisions of the past. @throws as `load` */
  replay(recorded: Iterable<RecordedDecision>, which: WhichSet): ReplayResult
  view(): PolicySetView
  /** Why this text would be refused, or null. Changes nothing. */
  check(text: string): WireError | null
  /** Everything that can be said of a text: problems, and its own tests one by one. Changes nothing. */
  inspect(text: string): Pick<LoadedText, 'problems' | 'tests'> & { readonly error: WireError | null }
  /**
   * Replace the file, when it is still the one that was shown, and put it in force.
   * @throws POLICY_003 when the file is another one by now, POLICY_002 when the text is not valid
   */
  save(baseHash: string, text: string, author?: VersionAuthor): void
  /** What was in force, newest first; empty where no history is kept. */
  versions(limit: number): readonly PolicyVersion[]
  /** Null when there is no such version. */
  versionText(hash: string): string | null
  /** Save the text of a version. @throws POLICY_003 as `save`, and POLICY_002 when it is not kept or no longer valid */
  rollback(baseHash: string, hash: string, by: string | null): void
  close(): void
}

export interface PolicyOptions {
  /** The policy file; made from `defaultText` when it is missing. */
  readonly path: string
  readonly defaultText: string
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  /** Whose file names are spoken of: those the agents' sandboxes see. */
  readonly platform?: Platform
  readonly cache?: { readonly maxEntries: number; readonly ttlMs: number }
  readonly history?: PolicyHistory
  readonly onChange?: (change: PolicyChange) => void
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const FOUND: VersionAuthor = { origin: 'file', by: null }
const SAVED: VersionAuthor = { origin: 'console', by: null }

/** From the configuration's default. */
const CACHE = { maxEntries: 4096, ttlMs: 300_000 }

/**
 * The policy in force: the product's own rules and those of one YAML file, which is reread when it changes.
 * A file that is not valid never takes effect: the last good rules stay, at a start those of the history. When there never
 * were any, only the product's own rules hold, so agents may do nothing.
 */
export const createPolicy = (options: PolicyOptions): Policy => {
  const { path, clock, events, log, history, platform = 'posix', cache = CACHE } = options
  const file = openPolicyFile(path, options.defaultText)
  const limiter = createLimiter({ clock })

  let active: PolicySet = createPolicySet({ rules: BUILTIN_RULES, text: '', platform })
  let answering = withCache(active, { ...cache, clock })
  let fileText: string | null = null
  /** Of the file on the disk. */
  let problems: readonly PolicyProblem[] = []
  let error: RuntimeError | null = null
  let loadedAtMs = clock.nowMs()

  const load = (text: string): LoadedText => loadText(text, { nowMs: clock.nowMs(), platform })
  const validOf = ({ set, error: refused }: LoadedText): PolicySet => {
    if (set === null) throw refused ?? new RuntimeError('POLICY_002', 'The policy is not valid.')
    return set
  }

  const activate = (set: PolicySet): void => {
    // One assignment each, and nothing in between that could decide: a request is answered by one set or the other.
    active = set
    answering = withCache(set, { ...cache, clock })
    loadedAtMs = clock.nowMs()
  }

  const announce = (change: PolicyChange): void => {
    try {
      options.onChange?.(change)
    } catch (cause) {
      log.error({ reason: messageOf(cause) }, 'a change of the policy could not be reported')
    }
  }

  const refuse = (textHash: string | null, refused: RuntimeError): void => {
    error = refused
    log.warn({ code: refused.code, reason: refused.message }, 'policy file refused, the last good rules stay in force')
    announce({ kind: 'refused', textHash, error: toWireError(refused) })
  }

  /** This is what the file says now; it takes effect when it is valid. */
  const adopt = (text: string, loaded: LoadedText, author: VersionAuthor): void => {
    fileText = text
    problems = loaded.problems
    if (loaded.set === null) {
      refuse(sha256(text), loaded.error ?? new RuntimeError('POLICY_002', 'The policy file is not valid.'))
      return
    }
    error = null
    const previousHash = active.hash
    activate(loaded.set)
    const rules = loaded.set.rules.length
    log.info({ setHash: active.hash, rules }, 'policy in force')
    if (previousHash !== active.hash) announce({ kind: 'activated', setHash: active.hash, previousHash, rules, author })
    history
      ?.add({ text, hash: active.hash, rules }, author)
      .catch((cause: unknown) => log.error({ reason: messageOf(cause) }, 'the policy version could not be kept'))
  }

  /** @returns whether anything changed */
  const reload = (author: VersionAuthor): boolean => {
    let read: ReturnType<typeof file.read>
    try {
      read = file.read()
    } catch (cause) {
      if (error !== null && fileText === null && problems.length === 0) return false
      fileText = null
      problems = []
      refuse(
        null,
        new RuntimeError('POLICY_002', 'The policy file cannot be read; the last good rules stay in force.', { cause }),
      )
      return true
    }
    if ('problem' in read) {
      const known = fileText === null && problems[0]?.code === read.problem.code
      if (known) return false
      fileText = null
      problems = [read.problem]
      const refused = errorOf(problems)
      if (refused !== null) refuse(null, refused)
      return true
    }
    const { text } = read
    if (text === fileText) return false
    adopt(text, load(text), author)
    return true
  }

  const takeLastGood = (): void => {
    const newest = history?.list(1)[0]
    const text = newest === undefined ? null : history?.text(newest.hash)
    const set = text === null || text === undefined ? null : load(text).set
    if (set !== null) activate(set)
  }
  reload(FOUND)
  if (error !== null) takeLastGood()

  let cancelReload: (() => void) | null = null
  const watcher = watch(dirname(path), { persistent: false }, (_kind, name) => {
    if (name !== null && name !== basename(path)) return
    cancelReload?.()
    // Editors write in several steps; read once they have settled.
    cancelReload = clock.after(50, () => {
      cancelReload = null
      if (reload(FOUND)) events.publish('policies.changed', {})
    })
  })
  watcher.on('error', (cause) => log.warn({ cause }, 'the policy folder can no longer be watched'))

  const versionText = (hash: string): string | null => history?.text(hash) ?? null
  const setOf = (which: WhichSet): PolicySet => {
    if (which === 'active') return active
    if ('text' in which) return validOf(load(which.text))
    const text = versionText(which.hash)
    if (text === null) throw new RuntimeError('POLICY_002', 'There is no such version of the policy.')
    return validOf(load(text))
  }

  const save: Policy['save'] = (baseHash, text, author = SAVED) => {
    reload(FOUND)
    if (sha256(fileText ?? '') !== baseHash)
      throw new RuntimeError('POLICY_003', 'The policy file is not the one that was shown; nothing was saved.')
    const loaded = load(text)
    validOf(loaded)
    file.write(text)
    adopt(text, loaded, author)
    events.publish('policies.changed', {})
  }

  return {
    decide: (request) => answering.decide(request, clock.nowMs()),
    acquire: (decision, act) => limiter.acquire(decision, act),
    explain: (request, { which = 'active', atMs } = {}) => explain(setOf(which), request, atMs ?? clock.nowMs()),
    replay: (recorded, which) => replay(setOf(which), recorded),
    view() {
      if (reload(FOUND)) events.publish('policies.changed', {})
      return {
        text: fileText ?? '',
        textHash: sha256(fileText ?? ''),
        setHash: active.hash,
        rules: active.rules.map(summaryOf),
        loadedAtMs,
        error: error === null ? null : toWireError(error),
        problems: [...problems],
      }
    },
    check(text) {
      const refused = load(text).error
      return refused === null
        ? null
        : toWireError(asRuntimeError(refused, 'POLICY_002', 'The policy file is not valid'))
    },
    inspect(text) {
      const { error: refused, problems: found, tests } = load(text)
      return { error: refused === null ? null : toWireError(refused), problems: found, tests }
    },
    save,
    versions: (limit) => history?.list(limit) ?? [],
    versionText,
    rollback(baseHash, hash, by) {
      const text = versionText(hash)
      if (text === null) throw new RuntimeError('POLICY_002', 'There is no such version of the policy.')
      save(baseHash, text, { origin: 'rollback', by })
    },
    close() {
      cancelReload?.()
      watcher.close()
    },
  }
}
