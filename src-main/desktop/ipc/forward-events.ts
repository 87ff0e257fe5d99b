import { app, BrowserWindow } from 'electron'
import { type Events, systemClock } from '../../engine/core'
import { createTopicForwarder, TOPIC_EVENTS } from './topics'

const forwardTo = (window: BrowserWindow, events: Events): void => {
  const forwarder = createTopicForwarder({
    clock: systemClock,
    isVisible: () => !window.isDestroyed() && window.isVisible() && !window.isMinimized(),
    send(batch) {
      if (!window.isDestroyed() && !window.webContents.isCrashed()) window.webContents.send(TOPIC_EVENTS, batch)
    },
  })
  const unsubscribe = events.subscribe(forwarder.push)
  window.on('show', forwarder.visibilityChanged)
  window.on('hide', forwarder.visibilityChanged)
  window.on('minimize', forwarder.visibilityChanged)
  window.on('restore', forwarder.visibilityChanged)
  window.once('closed', () => {
    unsubscribe()
    forwarder.stop()
  })
}

/** Tell every window, the open ones and those to come, what happens in the engine, until it closes. */
export const forwardEvents = (events: Events): void => {
  for (const window of BrowserWindow.getAllWindows()) forwardTo(window, events)
  app.on('browser-window-created', (_event, window) => forwardTo(window, events))
}
