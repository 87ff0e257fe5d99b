#!/usr/bin/env node
/**
 * Verifies an export of the audit trail. Needs Node 20 or newer and nothing else: no package, no network, no database.
 *
 *   node verify-audit.mjs FOLDER [--key ID] [--anchor FILE] [--json]
 *   node verify-audit.mjs --proof FILE [--key ID] [--json]
 *
 *   --key      id of a signing key that you know to be the real one; the export must have it
 *   --anchor   checkpoints.log or any file of checkpoints, one a line, that was kept elsewhere
 *   --proof    what `symbi audit prove` printed, instead of a folder
 *
 * Exit code: 0 it verifies, 1 it does not, 2 it could not be read.
 *
 * It shares no code with the product on purpose: two programs that agree are worth more than one that agrees with itself.
 */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { createReadStream, existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

const sha256 = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
const hex = (bytes) => bytes.toString('hex')
const LEAF = Buffer.from([0])
const NODE = Buffer.from([1])
const leafOf = (recordHash) => sha256(LEAF, Buffer.from(recordHash, 'hex'))
const nodeOf = (left, right) => sha256(NODE, left, right)

/** Each field with its length in bytes before it; ~ marks an absent one. */
const canonical = (tag, fields) =>
  tag + fields.map((value) => (value === null ? '~' : `${Buffer.byteLength(String(value))}:${String(value)}`)).join('')

const GENESIS = hex(sha256('symbi-audit-v1 genesis'))

const hashOfRow = (row) => {
  const fields = [
    row.seq,
    row.at,
    row.correlation_id,
    row.actor_kind,
    row.actor_id,
    row.action,
    row.resource,
    row.outcome,
    row.code,
    row.reason,
    row.details,
    row.prev_hash,
  ]
  if (row.version === 1 && row.boot_id === null && row.mono === null)
    return hex(sha256(canonical('symbi-audit-v1', fields)))
  if (row.version === 2 && row.boot_id !== null && row.mono !== null)
    return hex(sha256(canonical('symbi-audit-v2', [...fields, row.boot_id, row.mono])))
  return null
}

const checkpointText = (c) =>
  canonical('symbi-audit-checkpoint-v1', [c.number, c.log, c.size, c.root, c.lastHash, c.atMs, c.keyId, c.prev])
const checkpointHash = (c) => hex(sha256(canonical('symbi-audit-checkpoint-v1 hash', [checkpointText(c), c.signature])))

const statementText = (s) =>
  canonical('symbi-audit-key-v1', [
    s.why,
    s.log,
    s.keyId,
    s.publicKey,
    s.fromSize,
    s.atMs,
    s.reason,
    s.previous?.log ?? null,
    s.previous?.keyId ?? null,
    s.previous?.size ?? null,
    s.previous?.root ?? null,
  ])

const keyIdOf = (publicKey) => hex(sha256(publicKey)).slice(0, 32)

const signed = (publicKey, text, signature) => {
  try {
    const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), Buffer.from(publicKey, 'hex')])
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
    return verify(null, Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'hex'))
  } catch {
    return false
  }
}

class Bad extends Error {
  constructor(message, firstBadSeq = null) {
    super(message)
    this.firstBadSeq = firstBadSeq
  }
}

/** The right edge of the tree of RFC 6962: the roots of its complete subtrees, largest first. */
const createTree = () => {
  const edge = []
  return {
    add(leaf) {
      let level = 0
      let hash = leaf
      while (edge.length > 0 && edge[edge.length - 1].level === level) {
        hash = nodeOf(edge.pop().hash, hash)
        level += 1
      }
      edge.push({ level, hash })
    },
    root: () => hex(edge.length === 0 ? sha256() : edge.map(({ hash }) => hash).reduceRight((r, l) => nodeOf(l, r))),
  }
}

const checkKeys = (statements, wanted) => {
  const keys = new Map()
  const notes = []
  statements.forEach((statement, index) => {
    const before = statements[index - 1]
    const isSignedWith = (keyId, publicKey) =>
      statement.signatures.some(
        (one) => one.keyId === keyId && signed(publicKey, statementText(statement), one.signature),
      )
    const name = `the entry of key ${statement.keyId}`
    if (keyIdOf(statement.publicKey) !== statement.keyId) throw new Bad(`${name} holds another key`)
    if (!isSignedWith(statement.keyId, statement.publicKey)) throw new Bad(`${name} is not signed by that key`)
    if (before === undefined) {
      if (statement.why !== 'first' || statement.previous !== null) throw new Bad(`${name} does not begin the trail`)
    } else {
      if (statement.previous?.keyId !== before.keyId || statement.previous?.log !== before.log)
        throw new Bad(`${name} does not follow the key before it`)
      if (statement.why === 'rotated') {
        if (statement.log !== before.log || !isSignedWith(before.keyId, before.publicKey))
          throw new Bad(`${name} is not signed by the key before it`)
      } else if (statement.why === 'first' || statement.log === before.log)
        throw new Bad(`${name} begins the trail a second time`)
      else notes.push(`a new log begins after record ${statement.fromSize} (${statement.why}): ${statement.reason}`)
    }
    keys.set(statement.keyId, statement.publicKey)
  })
  if (wanted !== null && !keys.has(wanted)) throw new Bad(`the key ${wanted} is not among the keys of the trail`)
  return { keys, notes }
}

async function* linesOf(file) {
  let number = 0
  for await (const line of createInterface({
    input: createReadStream(file, 'utf8'),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1
    if (line === '') continue
    yield { line, number }
  }
}

const parsed = (line, what) => {
  try {
    return JSON.parse(line)
  } catch {
    throw new Bad(`${what} cannot be read`)
  }
}

/** Every checkpoint follows the one before it and is signed by a key of the trail. */
const readCheckpoints = async (file, keys) => {
  const checkpoints = []
  for await (const { line, number } of linesOf(file)) {
    const checkpoint = parsed(line, `checkpoint ${number}`)
    const before = checkpoints.at(-1)
    const first = (before?.size ?? 0) + 1
    if (checkpoint.number !== (before?.number ?? 0) + 1) throw new Bad(`checkpoint ${number} is missing`, first)
    if (checkpoint.prev !== (before === undefined ? null : checkpointHash(before)))
      throw new Bad(`checkpoint ${number} does not follow the one before it`, first)
    if (checkpoint.size < (before?.size ?? 0)) throw new Bad(`checkpoint ${number} speaks for fewer records`, first)
    const publicKey = keys.get(checkpoint.keyId)
    if (publicKey === undefined || !signed(publicKey, checkpointText(checkpoint), checkpoint.signature))
      throw new Bad(`checkpoint ${number} is not signed by a key of the trail`, first)
    checkpoints.push(checkpoint)
  }
  return checkpoints
}

/** Checkpoints that were kept elsewhere; a torn line is passed over, and so is one that a known key did not sign. */
const readAnchor = async (file, keys) => {
  const kept = []
  for await (const { line } of linesOf(file)) {
    let checkpoint
    try {
      checkpoint = JSON.parse(line)
    } catch {
      continue
    }
    const publicKey = keys.get(checkpoint.keyId)
    if (publicKey === undefined || signed(publicKey, checkpointText(checkpoint), checkpoint.signature))
      kept.push(checkpoint)
  }
  return kept
}

const verifyFolder = async (folder, options) => {
  const statements = parsed(readFileSync(join(folder, 'keys.json'), 'utf8'), 'keys.json')
  const { keys, notes } = checkKeys(statements, options.key)
  const checkpoints = await readCheckpoints(join(folder, 'checkpoints.jsonl'), keys)
  const anchored = options.anchor === null ? [] : await readAnchor(options.anchor, keys)
  const due = [
    ...checkpoints.map((checkpoint) => ({ checkpoint, who: `checkpoint ${checkpoint.number}` })),
    ...anchored.map((checkpoint) => ({ checkpoint, who: 'the anchor' })),
  ].sort((one, other) => one.checkpoint.size - other.checkpoint.size)

  const tree = createTree()
  let seq = 0
  let prev = GENESIS
  let next = 0
  let agreedTo = 0
  for await (const { line } of linesOf(join(folder, 'records.jsonl'))) {
    const row = parsed(line, `record ${seq + 1}`)
    if (row.seq !== seq + 1) throw new Bad(`record ${seq + 1} is missing or not in its place`, seq + 1)
    if (row.prev_hash !== prev) throw new Bad(`record ${row.seq} does not follow the one before it`, row.seq)
    if (hashOfRow(row) !== row.hash) throw new Bad(`record ${row.seq} was changed after it was written`, row.seq)
    seq = row.seq
    prev = row.hash
    tree.add(leafOf(row.hash))
    if (due[next]?.checkpoint.size !== seq) continue
    const root = tree.root()
    for (; due[next]?.checkpoint.size === seq; next += 1) {
      const { checkpoint, who } = due[next]
      if (checkpoint.root !== root || checkpoint.lastHash !== prev)
        throw new Bad(`${who} speaks for other records up to ${seq}: they were written anew`, agreedTo + 1)
    }
    agreedTo = seq
  }
  const missing = due[next]
  if (missing !== undefined)
    throw new Bad(`the records end at ${seq}, but ${missing.who} speaks for ${missing.checkpoint.size}`, seq + 1)
  const manifestFile = join(folder, 'manifest.json')
  if (existsSync(manifestFile)) {
    const manifest = parsed(readFileSync(manifestFile, 'utf8'), 'manifest.json')
    if (manifest.records !== seq)
      throw new Bad(`the manifest says ${manifest.records} records, there are ${seq}`, seq + 1)
  }
  if (agreedTo < seq)
    notes.push(`records ${agreedTo + 1} to ${seq} are newer than the last checkpoint: chained, not signed`)
  return {
    records: seq,
    checkpoints: checkpoints.length,
    signedTo: checkpoints.at(-1)?.size ?? 0,
    keys: [...keys.keys()],
    anchored: anchored.length,
    head: seq === 0 ? null : prev,
    notes,
  }
}

/** RFC 9162 §2.1.3.2 and §2.1.4.2. */
const rootsOf = (index, last, start, path, both) => {
  let fn = index
  let sn = last
  let one = start
  let two = start
  for (const step of path) {
    if (sn === 0) throw new Bad('the path is too long')
    if (fn % 2 === 1 || fn === sn) {
      one = nodeOf(step, one)
      two = nodeOf(step, two)
      while (fn % 2 === 0 && fn !== 0) {
        fn = Math.floor(fn / 2)
        sn = Math.floor(sn / 2)
      }
    } else {
      if (!both) one = nodeOf(one, step)
      two = nodeOf(two, step)
    }
    fn = Math.floor(fn / 2)
    sn = Math.floor(sn / 2)
  }
  if (sn !== 0) throw new Bad('the path is too short')
  return [hex(one), hex(two)]
}

const checkSigned = (checkpoint, publicKey, wanted) => {
  if (publicKey === undefined || keyIdOf(publicKey) !== checkpoint.keyId) throw new Bad('the public key is another one')
  if (wanted !== null && checkpoint.keyId !== wanted)
    throw new Bad(`the checkpoint is not signed with the key ${wanted}`)
  if (!signed(publicKey, checkpointText(checkpoint), checkpoint.signature))
    throw new Bad('the checkpoint is not signed')
}

const verifyProof = (file, options) => {
  const proof = parsed(readFileSync(file, 'utf8'), 'the proof')
  const path = proof.path.map((step) => Buffer.from(step, 'hex'))
  if (proof.kind === 'inclusion') {
    const { record, checkpoint } = proof
    checkSigned(checkpoint, proof.publicKey, options.key)
    const row = {
      seq: record.seq,
      at: record.atMs,
      correlation_id: record.correlationId,
      actor_kind: record.actor.kind,
      actor_id: record.actor.id,
      action: record.action,
      resource: record.resource,
      outcome: record.outcome,
      code: record.code,
      reason: record.reason,
      details: stable(record.details),
      prev_hash: record.prevHash,
      version: record.boot === null ? 1 : 2,
      boot_id: record.boot?.id ?? null,
      mono: record.boot?.monotonicMs ?? null,
    }
    if (hashOfRow(row) !== record.hash) throw new Bad('the record was changed', record.seq)
    if (record.seq > checkpoint.size) throw new Bad('the checkpoint does not cover the record', record.seq)
    const [root] = rootsOf(record.seq - 1, checkpoint.size - 1, leafOf(record.hash), path, false)
    if (root !== checkpoint.root) throw new Bad('the record is not in the trail of the checkpoint', record.seq)
    return { proof: 'inclusion', seq: record.seq, size: checkpoint.size, root, keys: [checkpoint.keyId], notes: [] }
  }
  if (proof.kind !== 'consistency') throw new Bad('this is no proof of a kind that is known here')
  const { from, to } = proof
  for (const checkpoint of [from, to]) checkSigned(checkpoint, proof.publicKeys[checkpoint.keyId], options.key)
  if (from.size === to.size) {
    if (from.root !== to.root || path.length > 0) throw new Bad('two checkpoints of one size differ')
  } else {
    if (from.size > to.size) throw new Bad('the later checkpoint is the shorter one')
    let index = from.size - 1
    let last = to.size - 1
    while (index % 2 === 1) {
      index = Math.floor(index / 2)
      last = Math.floor(last / 2)
    }
    const steps = Number.isInteger(Math.log2(from.size)) ? [Buffer.from(from.root, 'hex'), ...path] : path
    const [start, ...rest] = steps
    if (start === undefined) throw new Bad('the path is empty')
    const [earlier, later] = rootsOf(index, last, start, rest, true)
    if (earlier !== from.root || later !== to.root) throw new Bad('the trail did not only grow', 1)
  }
  return { proof: 'consistency', from: from.size, to: to.size, keys: [from.keyId, to.keyId], notes: [] }
}

/** JSON with the keys of objects in code-unit order, as the details of a record are stored. */
const stable = (value) => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  const members = Object.keys(value).sort()
  return `{${members.map((key) => `${JSON.stringify(key)}:${stable(value[key])}`).join(',')}}`
}

const readArguments = (args) => {
  const options = { folder: null, key: null, anchor: null, proof: null, json: false }
  for (let at = 0; at < args.length; at += 1) {
    const arg = args[at]
    if (arg === '--json') options.json = true
    else if (arg === '--key' || arg === '--anchor' || arg === '--proof') {
      at += 1
      if (args[at] === undefined) throw new Error(`${arg} needs a value`)
      options[arg.slice(2)] = args[at]
    } else if (arg.startsWith('-') || options.folder !== null) throw new Error(`not known: ${arg}`)
    else options.folder = arg
  }
  if ((options.folder === null) === (options.proof === null)) throw new Error('name a folder, or --proof and a file')
  return options
}

const main = async () => {
  let options = { json: process.argv.includes('--json') }
  let result
  try {
    options = readArguments(process.argv.slice(2))
    const found =
      options.proof === null ? await verifyFolder(options.folder, options) : verifyProof(options.proof, options)
    result = { ok: true, ...found }
  } catch (error) {
    const bad = error instanceof Bad
    result = { ok: false, problem: error.message, firstBadSeq: bad ? error.firstBadSeq : null }
    process.exitCode = bad ? 1 : 2
  }
  if (options.json) console.log(JSON.stringify(result))
  else if (!result.ok)
    console.error(
      `NOT VERIFIED${result.firstBadSeq === null ? '' : ` at record ${result.firstBadSeq}`}: ${result.problem}`,
    )
  else {
    for (const [name, value] of Object.entries(result))
      if (name !== 'ok' && name !== 'notes') console.log(`${name}: ${Array.isArray(value) ? value.join(', ') : value}`)
    for (const note of result.notes) console.log(`note: ${note}`)
    console.log('VERIFIED')
  }
}

await main()
