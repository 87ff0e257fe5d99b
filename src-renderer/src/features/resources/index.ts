/** What there is, what was granted and used of it, who went beyond, and what is not tried for now. */
export { ResourcesPage } from './ResourcesPage'
