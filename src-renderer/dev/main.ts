/** The page on an engine that only exists in memory: for looking at it, never part of the product. */
import { createFakeBridge } from './fake-bridge'

const scenario = new URLSearchParams(location.search).get('scenario') ?? 'busy'
Object.defineProperty(window, 'console_', { value: createFakeBridge(scenario) })
await import('../src/main')
