/** Settings: the look of the console and what it is made of. */
export { SettingsPage } from './SettingsPage'
