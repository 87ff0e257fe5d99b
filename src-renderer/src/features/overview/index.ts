/** Overview: what waits for a person, what runs, and how the machine is. */
export { OverviewPage } from './OverviewPage'
