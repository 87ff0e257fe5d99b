import { type Check, type CheckResult, fail, pass, warn } from './check'

export interface KeyringFindings {
  /** `file`: the master key lies in a file because the keyring could not be used when it was made. */
  readonly state: 'reachable' | 'file' | 'unreachable'
  /** What to know, in a sentence; never a secret. */
  readonly note: string
}

/** Whether the master key of the secrets is, or can be, guarded by the operating system. */
export const keyringCheck = (ports: {
  readonly platform: NodeJS.Platform
  readonly probe: (signal: AbortSignal) => Promise<KeyringFindings>
}): Check => ({
  id: 'keyring',
  title: 'System keyring',
  async run(signal): Promise<CheckResult> {
    const { state, note } = await ports.probe(signal)
    switch (state) {
      case 'reachable':
        return pass(note)
      case 'file':
        return warn({ cause: note, ...mend(ports.platform) })
      case 'unreachable':
        return fail({ cause: note, ...mend(ports.platform) })
    }
  },
})

const mend = (platform: NodeJS.Platform): { fix: string; command: string | null } => {
  if (platform === 'darwin')
    return { fix: 'Unlock the login keychain.', command: 'security unlock-keychain login.keychain' }
  if (platform === 'win32') return { fix: 'Sign in to Windows with your own account.', command: null }
  return {
    fix: 'Install a keyring, then log in to your desktop session again, so that it is unlocked.',
    command: 'sudo apt-get install -y --no-install-recommends gnome-keyring libsecret-1-0 dbus-x11',
  }
}
