import { NewBackend } from '@contract'
import { describe, expect, it } from 'vitest'
import { type BackendDraft, backendOf, EMPTY_DRAFT, isComplete } from './backend-draft'

const FINGERPRINT = `${'a'.repeat(42)}b`
const ssh: BackendDraft = {
  ...EMPTY_DRAFT,
  name: ' rack-2 ',
  host: 'docker.example ',
  user: 'agent',
  keySecret: 'hosts/rack-2',
  hostKeySha256: ` SHA256:${FINGERPRINT} `,
}

describe('a new back-end', () => {
  it('over SSH takes the fingerprint as OpenSSH prints it, and the usual port', () => {
    const backend = backendOf(ssh)
    expect(backend).toEqual({
      name: 'rack-2',
      weight: 1,
      maxConcurrent: 8,
      remote: {
        protocol: 'ssh',
        host: 'docker.example',
        port: 22,
        user: 'agent',
        keySecret: 'hosts/rack-2',
        hostKeySha256: FINGERPRINT,
      },
    })
    expect(NewBackend.safeParse(backend).success).toBe(true)
  })

  it('over TLS names three secrets and nothing of SSH', () => {
    const draft: BackendDraft = { ...ssh, protocol: 'tls', caSecret: 'ca', certSecret: 'cert', port: '12376' }
    const backend = backendOf(draft)
    expect(backend.remote).toEqual({
      protocol: 'tls',
      host: 'docker.example',
      port: 12376,
      caSecret: 'ca',
      certSecret: 'cert',
      keySecret: 'hosts/rack-2',
    })
    expect(NewBackend.safeParse(backend).success).toBe(true)
  })

  it('is complete once everything that its way needs is given', () => {
    expect(isComplete(ssh)).toBe(true)
    expect(isComplete({ ...ssh, hostKeySha256: ' ' })).toBe(false)
    expect(isComplete({ ...ssh, protocol: 'tls' })).toBe(false)
  })

  it('passes a wrong number on, for the engine to name', () => {
    expect(NewBackend.safeParse(backendOf({ ...ssh, weight: 'much' })).success).toBe(false)
  })
})
