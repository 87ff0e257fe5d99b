/** Secrets: sealed files, a master key in the system keyring, and every reading through the gate. */
export { type MasterKey, openRecord, type RecordIdentity, sealRecord } from './envelope'
export { createKeyStore, type KeyStore } from './key-store'
export { createSystemKeyring, type Keyring } from './keyring'
export { createSecrets } from './secrets'
export type { AgentSecretsContext, Secrets } from './types'
