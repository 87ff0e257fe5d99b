/** Kills a working engine without a word, again and again, and holds what is left against what it had promised. */
export { type KillOptions, type KillReport, killRounds } from './rounds'
