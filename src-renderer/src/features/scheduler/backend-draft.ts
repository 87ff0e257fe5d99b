import type { NewBackend } from '@contract'

/** A new back-end while it is typed: numbers are text, so that nothing typed is lost. */
export interface BackendDraft {
  readonly protocol: NewBackend['remote']['protocol']
  readonly name: string
  readonly host: string
  /** Empty for the usual one. */
  readonly port: string
  readonly weight: string
  readonly maxConcurrent: string
  readonly caSecret: string
  readonly certSecret: string
  readonly keySecret: string
  readonly user: string
  readonly hostKeySha256: string
}

/** Where such a host usually listens. */
export const USUAL_PORT = { tls: '2376', ssh: '22' } as const satisfies Record<BackendDraft['protocol'], string>

export const EMPTY_DRAFT: BackendDraft = {
  protocol: 'ssh',
  name: '',
  host: '',
  port: '',
  weight: '1',
  maxConcurrent: '8',
  caSecret: '',
  certSecret: '',
  keySecret: '',
  user: '',
  hostKeySha256: '',
}

/** What OpenSSH prints before the key's fingerprint. */
const PREFIX = /^SHA256:/

/** What is sent. It may be invalid: the engine says which field, and the form shows it there. */
export const backendOf = (draft: BackendDraft): NewBackend => {
  const at = { host: draft.host.trim(), port: Number(draft.port.trim() || USUAL_PORT[draft.protocol]) }
  return {
    name: draft.name.trim(),
    weight: Number(draft.weight),
    maxConcurrent: Number(draft.maxConcurrent),
    remote:
      draft.protocol === 'tls'
        ? {
            protocol: 'tls',
            ...at,
            caSecret: draft.caSecret,
            certSecret: draft.certSecret,
            keySecret: draft.keySecret,
          }
        : {
            protocol: 'ssh',
            ...at,
            user: draft.user.trim(),
            keySecret: draft.keySecret,
            hostKeySha256: draft.hostKeySha256.trim().replace(PREFIX, ''),
          },
  }
}

/** True when nothing that must be given is missing. */
export const isComplete = (draft: BackendDraft): boolean => {
  const { name, host, keySecret, user, hostKeySha256, caSecret, certSecret } = draft
  const needed =
    draft.protocol === 'tls'
      ? [name, host, keySecret, caSecret, certSecret]
      : [name, host, keySecret, user, hostKeySha256]
  return needed.every((text) => text.trim() !== '')
}
