/** The typed filter of messages: words to terms, terms to what the engine is asked, completion. */
export { type Compiled, compileFilter } from './compile'
export { type Suggestions, suggestAt, type Vocabulary } from './suggest'
export { formatFilter, type MessageTerms, type Parsed, type Problem, parseFilter } from './terms'
