/** Secrets: names in a list, a value only on request and only for half a minute. */
export { SecretsPage } from './SecretsPage'
