import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSegments } from './archived'
import { openTrail } from './fixtures/open-trail'
import { checkArchive } from './segments'

describe('sealed segments', () => {
  it('A11: are made as soon as a checkpoint covers them, and can leave the database while the trail verifies on', async () => {
    const opened = await openTrail({ everyRows: 100 })
    const { trail, append, store, dir } = opened
    await append(600)
    await trail.checkpoint()
    expect(trail.status().segments).toMatchObject([
      { number: 1, firstSeq: 1, lastSeq: 256, archive: null },
      { number: 2, firstSeq: 257, lastSeq: 512, archive: null },
    ])
    expect(await trail.archive(700)).toEqual({ segments: 0, rows: 0 })
    expect(await trail.archive(300)).toEqual({ segments: 1, rows: 256 })
    expect(store.get('SELECT min(seq) AS first, count(*) AS n FROM audit')).toEqual({ first: 257, n: 344 })
    expect(trail.status()).toMatchObject({
      rows: 344,
      headSeq: 600,
      archivedRows: 256,
      segments: [{ archive: {} }, {}],
    })
    expect(readdirSync(join(dir, 'audit', 'archives'))).toEqual(['records-1-256.jsonl.gz'])
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 600, archived: 256, signedToSeq: 600 })
    expect(trail.list({ filter: {}, limit: 1 }).total).toBe(344)
    expect(trail.list({ filter: { text: 'reason 12' }, limit: 5 }).records).toEqual([])
    expect(() => trail.proveInclusion(5)).toThrow(expect.objectContaining({ code: 'AUDIT_003' }))
    expect(trail.proveInclusion(300)).toMatchObject({ record: { seq: 300 } })
    await append(10)
    await opened.close()

    const again = await openTrail({ dir, keyring: opened.keyring })
    expect(again.trail.status().signing.state).toBe('signing')
    expect(await again.trail.archive(0)).toEqual({ segments: 1, rows: 256 })
    await again.append(5)
    expect(await again.trail.verify()).toMatchObject({ ok: true, checked: 615, archived: 512 })
  })

  it('are the only way out of the table', async () => {
    const { trail, append, store } = await openTrail({ everyRows: 100 })
    await append(600)
    await trail.checkpoint()
    await trail.archive(300)
    await expect(store.write((tx) => tx.run('DELETE FROM audit WHERE seq = 300'))).rejects.toMatchObject({
      code: 'STORE_001',
    })
    await expect(
      store.write((tx) => tx.run('UPDATE audit_segments SET archived_at = NULL WHERE number = 1')),
    ).rejects.toMatchObject({ code: 'STORE_001' })
    await store.write((tx) => {
      tx.run('DROP TRIGGER audit_segments_no_update')
      tx.run("UPDATE audit_segments SET archived_at = 1, archive_file = 'gone' WHERE number = 2")
      tx.run('DELETE FROM audit WHERE seq BETWEEN 257 AND 512')
      tx.run('UPDATE audit_segments SET root = hex(randomblob(32)) WHERE number = 2')
    })
    expect(await trail.verify()).toMatchObject({
      ok: false,
      tampering: 'forged-checkpoint',
      firstBadSeq: 257,
      suspectToSeq: 512,
    })
  })

  it('finishes at the next start what was interrupted', async () => {
    const first = await openTrail({ everyRows: 100 })
    await first.append(600)
    await first.trail.checkpoint()
    await first.trail.archive(300)
    await first.store.write((tx) => {
      tx.run('DROP TRIGGER audit_segments_no_update')
      tx.run("UPDATE audit_segments SET archived_at = 1, archive_file = 'x' WHERE number = 2")
      tx.run('DELETE FROM audit WHERE seq BETWEEN 257 AND 300')
    })
    await first.close()
    const again = await openTrail({ dir: first.dir, keyring: first.keyring })
    await expect.poll(() => again.store.get('SELECT min(seq) AS first FROM audit')).toEqual({ first: 513 })
    expect(await again.trail.verify()).toMatchObject({ ok: true, archived: 512 })
  })

  it('have archives that are held against the seal', async () => {
    const { trail, append, store, dir } = await openTrail({ everyRows: 100 })
    await append(300)
    await trail.checkpoint()
    await trail.archive(0)
    const [segment] = readSegments(store)
    const folder = join(dir, 'audit', 'archives')
    if (segment === undefined) return expect.fail('no segment')
    await expect(checkArchive(folder, segment)).resolves.toBeUndefined()
    await expect(checkArchive(folder, { ...segment, root: '00'.repeat(32) })).rejects.toMatchObject({
      code: 'AUDIT_002',
    })
    const file = join(folder, segment.archive_file ?? '')
    const bytes = readFileSync(file)
    writeFileSync(file, bytes.subarray(0, bytes.length / 2))
    await expect(checkArchive(folder, segment)).rejects.toThrow()
  })
})
