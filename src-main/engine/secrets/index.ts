/** Secrets: sealed files, a master key in the system keyring, and every reading through the gate. */
export { createKeyStore, type KeyStore, type KeyStoreOptions } from './key-store'
export { createSystemKeyring, type Keyring } from './keyring'
export {
  type AgentSecretsContext,
  createSecrets,
  type Secrets,
  type SecretsContext,
  type SecretsPorts,
} from './secrets'
