/** Everything between the page and main; the only folder that uses ipcMain. */
export { forwardEvents } from './forward-events'
export { desktopOperator } from './operator'
export { registerIpc } from './register'
