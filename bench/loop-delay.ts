import { monitorEventLoopDelay } from 'node:perf_hooks'
import { readMachine } from './machine'
import type { BenchResult } from './result'
import { rounded } from './stats'

/** How often the loop is looked at; what lies between two looks anyway is no delay. */
const RESOLUTION_MS = 5

/**
 * Do something and measure meanwhile how long the main thread kept others waiting. On a machine whose cores are all busy
 * the time that the system gives to other processes is in it too.
 */
export const withLoopDelay = async <T>(
  name: string,
  act: () => Promise<T>,
): Promise<{ readonly value: T; readonly delay: BenchResult }> => {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  try {
    const value = await act()
    histogram.disable()
    const at = (percent: number) => rounded(Math.max(0, histogram.percentile(percent) / 1e6 - RESOLUTION_MS))
    return {
      value,
      delay: {
        name,
        unit: 'ms',
        n: Number(histogram.count),
        p50: at(50),
        p95: at(95),
        p99: at(99),
        value: rounded(Math.max(0, histogram.max / 1e6 - RESOLUTION_MS)),
        machine: readMachine(),
      },
    }
  } finally {
    histogram.disable()
  }
}
