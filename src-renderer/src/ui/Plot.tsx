import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './plot.css'

export interface PlotProps {
  readonly title: string
  /** Milliseconds since the Unix epoch, growing. */
  readonly atMs: readonly number[]
  readonly values: readonly (number | null)[]
  readonly format: (value: number) => string
  /** A line that must not be passed, e.g. the memory limit. */
  readonly limit: number | null
  readonly heightPx: number
  readonly stale: boolean
  readonly tone: 'run' | 'change'
  /** Steps between axis ticks that suit the unit. */
  readonly increments?: readonly number[]
}

/** A token as the canvas needs it: light-dark() resolved for the present scheme. */
const resolveColour = (host: HTMLElement, token: string): string => {
  const probe = document.createElement('span')
  probe.style.color = `var(--${token})`
  host.append(probe)
  const colour = getComputedStyle(probe).color
  probe.remove()
  return colour
}

/** The look of the scheme changes when the theme or the system's preference does. */
const onSchemeChange = (listener: () => void): (() => void) => {
  const media = matchMedia('(prefers-color-scheme: dark)')
  const observer = new MutationObserver(listener)
  media.addEventListener('change', listener)
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  return () => {
    media.removeEventListener('change', listener)
    observer.disconnect()
  }
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** uPlot, drawn in the tokens' colours, with axes, units and a crosshair shared by all plots of the page. */
export function Plot(props: PlotProps) {
  const { atMs, values, heightPx, stale, tone, limit, increments } = props
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = useRef<uPlot.AlignedData>([[], []])
  const format = useRef(props.format)
  format.current = props.format
  data.current = [atMs.map((at) => at / 1000), [...values]] as uPlot.AlignedData

  useEffect(() => {
    const node = host.current
    if (node === null) return
    const create = () => {
      plot.current?.destroy()
      const line = resolveColour(node, stale ? 'text-3' : tone)
      const text = resolveColour(node, 'text-3')
      const grid = resolveColour(node, 'line')
      const bad = resolveColour(node, 'bad')
      plot.current = new uPlot(
        {
          width: Math.max(200, node.clientWidth),
          height: heightPx,
          padding: [8, 8, 0, 0],
          legend: { show: true, live: true },
          cursor: { sync: { key: 'resources' }, drag: { x: false, y: false }, points: { size: 6 } },
          scales: {
            x: { time: true },
            y: { range: (_self, _min, max) => [0, Math.max((max ?? 0) * 1.15, limit === null ? 1 : 0, 0.001)] },
          },
          axes: [
            {
              stroke: text,
              grid: { stroke: grid, width: 1 },
              ticks: { show: false },
              font: '11px Inter Variable',
              size: 28,
              space: 90,
              values: (_self, ticks) => ticks.map((tick) => clock.format(tick * 1000)),
            },
            {
              stroke: text,
              grid: { stroke: grid, width: 1 },
              ticks: { show: false },
              font: '11px Inter Variable',
              size: 64,
              space: 32,
              ...(increments === undefined ? {} : { incrs: [...increments] }),
              values: (_self, ticks) => ticks.map((tick) => format.current(tick)),
            },
          ],
          series: [
            { label: 'Time', value: (_self, at) => (at === null ? '' : clock.format(at * 1000)) },
            {
              label: props.title,
              stroke: line,
              width: 1.5,
              points: { show: false },
              value: (_self, value) => (value === null ? '' : format.current(value)),
            },
          ],
          hooks: {
            draw: [
              (self) => {
                if (limit === null) return
                const top = self.valToPos(limit, 'y', true)
                if (top < self.bbox.top) return
                self.ctx.save()
                self.ctx.strokeStyle = bad
                self.ctx.setLineDash([4, 4])
                self.ctx.beginPath()
                self.ctx.moveTo(self.bbox.left, top)
                self.ctx.lineTo(self.bbox.left + self.bbox.width, top)
                self.ctx.stroke()
                self.ctx.restore()
              },
            ],
          },
        },
        data.current,
        node,
      )
    }
    create()
    const stopScheme = onSchemeChange(create)
    const resize = new ResizeObserver(() => {
      if (node.clientWidth > 0) plot.current?.setSize({ width: Math.max(200, node.clientWidth), height: heightPx })
    })
    resize.observe(node)
    return () => {
      stopScheme()
      resize.disconnect()
      plot.current?.destroy()
      plot.current = null
    }
  }, [heightPx, stale, tone, limit, increments, props.title])

  useEffect(() => {
    plot.current?.setData([atMs.map((at) => at / 1000), [...values]] as uPlot.AlignedData)
  }, [atMs, values])

  return <div ref={host} className="plot w-full" style={{ minHeight: heightPx }} />
}
