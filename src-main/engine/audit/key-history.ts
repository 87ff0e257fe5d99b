import { z } from 'zod'
import type { Sql } from '../store'
import { canonical } from './canonical'
import { isSignedBy, keyIdOf, type SigningKey } from './signing'

/**
 * How a signing key came into use. `first` begins the trail and `rotated` is signed by the key before it too. A new log
 * begins with `restarted`, when the key before it was lost, and with `accepted`, when a person accepted that an anchor
 * contradicts the records before it.
 */
const KeyStatement = z.strictObject({
  why: z.enum(['first', 'rotated', 'restarted', 'accepted']),
  log: z.string(),
  keyId: z.string(),
  publicKey: z.string(),
  /** How many records there were. */
  fromSize: z.number().int().nonnegative(),
  atMs: z.number().int().nonnegative(),
  reason: z.string(),
  /** The log and key before it, and the newest checkpoint they had signed. */
  previous: z
    .strictObject({
      log: z.string(),
      keyId: z.string(),
      size: z.number().int().nonnegative(),
      root: z.string(),
    })
    .nullable(),
  /** Of the new key, and for a rotation of the old one. */
  signatures: z.array(z.strictObject({ keyId: z.string(), signature: z.string() })),
})
export type KeyStatement = z.infer<typeof KeyStatement>

export const statementText = (statement: Omit<KeyStatement, 'signatures'>): string =>
  canonical('symbi-audit-key-v1', [
    statement.why,
    statement.log,
    statement.keyId,
    statement.publicKey,
    statement.fromSize,
    statement.atMs,
    statement.reason,
    statement.previous?.log ?? null,
    statement.previous?.keyId ?? null,
    statement.previous?.size ?? null,
    statement.previous?.root ?? null,
  ])

/** @param signers the new key first; for a rotation the old one too */
export const signStatement = (
  statement: Omit<KeyStatement, 'signatures'>,
  signers: readonly SigningKey[],
): KeyStatement => ({
  ...statement,
  signatures: signers.map((key) => ({ keyId: key.id, signature: key.sign(statementText(statement)) })),
})

const isSigned = (statement: KeyStatement, keyId: string, publicKey: string): boolean =>
  statement.signatures.some(
    (one) => one.keyId === keyId && isSignedBy(publicKey, statementText(statement), one.signature),
  )

/** Every key there was, in order, and what is wrong with how they follow one another. */
export interface KeyHistory {
  readonly statements: readonly KeyStatement[]
  readonly publicKeys: ReadonlyMap<string, string>
  readonly problem: string | null
}

const problemOf = (statement: KeyStatement, before: KeyStatement | undefined): string | null => {
  const name = `The entry of the signing key ${statement.keyId}`
  if (keyIdOf(statement.publicKey) !== statement.keyId) return `${name} holds another key.`
  if (!isSigned(statement, statement.keyId, statement.publicKey)) return `${name} is not signed by that key.`
  if (before === undefined)
    return statement.why === 'first' && statement.previous === null ? null : `${name} does not begin the trail.`
  if (statement.previous?.keyId !== before.keyId || statement.previous.log !== before.log)
    return `${name} does not follow the key before it.`
  if (statement.why === 'rotated')
    return statement.log === before.log && isSigned(statement, before.keyId, before.publicKey)
      ? null
      : `${name} is not signed by the key before it.`
  return statement.why !== 'first' && statement.log !== before.log ? null : `${name} begins the trail a second time.`
}

/** Check statements that are given in their order. */
export const keyHistoryOf = (statements: readonly KeyStatement[]): KeyHistory => {
  const problems = statements.map((statement, index) => problemOf(statement, statements[index - 1]))
  return {
    statements,
    publicKeys: new Map(statements.map(({ keyId, publicKey }) => [keyId, publicKey])),
    problem: problems.find((problem) => problem !== null) ?? null,
  }
}

export const insertStatement = (sql: Sql, statement: KeyStatement): void => {
  const { log, keyId, publicKey, fromSize, atMs, why } = statement
  sql.run(
    `INSERT INTO audit_keys (log, key_id, public_key, from_size, created_at, why, statement)
     VALUES (:log, :keyId, :publicKey, :fromSize, :atMs, :why, :statement)`,
    { log, keyId, publicKey, fromSize, atMs, why, statement: JSON.stringify(statement) },
  )
}

export const readKeyHistory = (sql: Sql): KeyHistory => {
  const rows = sql.all<{ key_id: string; public_key: string; statement: string }>(
    'SELECT key_id, public_key, statement FROM audit_keys ORDER BY number',
  )
  const statements: KeyStatement[] = []
  for (const row of rows) {
    const statement = parseStatement(row.statement)
    if (statement === null || statement.keyId !== row.key_id || statement.publicKey !== row.public_key)
      return { ...keyHistoryOf(statements), problem: `The entry of the signing key ${row.key_id} was changed.` }
    statements.push(statement)
  }
  return keyHistoryOf(statements)
}

const parseStatement = (text: string): KeyStatement | null => {
  try {
    const parsed = KeyStatement.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}
