import { type Clock, RuntimeError } from '../core'

/** The keyring of the operating system: a small text for each account of this product. */
export interface Keyring {
  /** null when there is no such account. Rejects when the keyring cannot be asked. */
  get(account: string): Promise<string | null>
  set(account: string, value: string): Promise<void>
  delete(account: string): Promise<void>
}

/** What we use of keytar. */
export interface KeyringBackend {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, value: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

/** How long one question to the keyring may take. */
const LIMIT_MS = 3000

const loadKeytar = async (): Promise<KeyringBackend> => (await import('keytar')).default

/**
 * The real keyring: Keychain, Credential Vault or the Secret Service, through keytar, loaded on first use.
 *
 * A keyring without a session can hang, so each call has a limit. A call that hangs holds one of the few threads that
 * file access shares; so while one hangs, no other is begun and callers are refused at once.
 *
 * @throws SECRET_004 when the keyring cannot be loaded, refuses, or does not answer in time
 */
export const createSystemKeyring = (
  service: string,
  clock: Clock,
  load: () => Promise<KeyringBackend> = loadKeytar,
): Keyring => {
  let hanging = false
  let queue: Promise<unknown> = Promise.resolve()

  const refuse = (message: string, cause?: unknown): RuntimeError =>
    new RuntimeError('SECRET_004', message, cause === undefined ? {} : { cause })

  const ask = <T>(question: (backend: KeyringBackend) => Promise<T>): Promise<T> =>
    new Promise<T>((resolve, reject) => {
      if (hanging) {
        reject(refuse('The system keyring has not answered an earlier question yet.'))
        return
      }
      const stopWaiting = clock.after(LIMIT_MS, () => {
        hanging = true
        reject(refuse(`The system keyring did not answer within ${LIMIT_MS / 1000} seconds.`))
      })
      load()
        .then(question)
        .then(resolve, (error: unknown) => reject(refuse('The system keyring cannot be used.', error)))
        .finally(() => {
          stopWaiting()
          hanging = false
        })
    })

  const inTurn = <T>(question: (backend: KeyringBackend) => Promise<T>): Promise<T> => {
    const answer = queue.then(() => ask(question))
    queue = answer.catch(() => undefined)
    return answer
  }

  return {
    get: (account) => inTurn((backend) => backend.getPassword(service, account)),
    set: (account, value) => inTurn((backend) => backend.setPassword(service, account, value)),
    delete: (account) => inTurn(async (backend) => void (await backend.deletePassword(service, account))),
  }
}
