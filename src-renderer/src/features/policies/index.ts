/** Policies: the rules in force and the file they come from. */
export { PoliciesPage } from './PoliciesPage'
