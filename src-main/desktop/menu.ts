import { Menu, type MenuItemConstructorOptions } from 'electron'

/**
 * The application menu: only what the page cannot do itself. On macOS copy and paste work through it; elsewhere the
 * bar stays hidden and carries the zoom keys.
 */
export const installMenu = (options: { platform: NodeJS.Platform; devtools: boolean }): void => {
  const view: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
    ...(options.devtools ? [{ type: 'separator' as const }, { role: 'toggleDevTools' as const }] : []),
  ]
  const mac: MenuItemConstructorOptions[] = [{ role: 'appMenu' }, { role: 'editMenu' }]
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(options.platform === 'darwin' ? mac : []),
      { label: 'View', submenu: view },
      ...(options.platform === 'darwin' ? [{ role: 'windowMenu' as const }] : []),
    ]),
  )
}
