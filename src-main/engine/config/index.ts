/** The configuration: one file, a few environment variables, the place of the data folder. */
export { type DataDirFacts, resolveDataDir } from './data-dir'
export type { Config } from './keys'
export { type ConfigSource, loadConfig } from './load'
