import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import './plot.css'

/** A further line of the same plot, thinner than the main one. */
export interface PlotLine {
  readonly label: string
  readonly values: readonly (number | null)[]
  readonly dashed?: boolean
}

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
  /** Always as many as before: their number decides what is drawn. */
  readonly others?: readonly PlotLine[]
  /** From when to when the axis goes, whatever was measured; by default as far as the values do. */
  readonly spanMs?: readonly [number, number] | undefined
}

const NO_LINES: readonly PlotLine[] = []

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
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', hour: '2-digit', minute: '2-digit' })
const DAY_SECONDS = 86_400

/** Times of day; with the day where the axis is longer than one. */
const timeWords = (atSeconds: number, scale: uPlot.Scale): string =>
  ((scale.max ?? 0) - (scale.min ?? 0) > DAY_SECONDS * 1.5 ? day : clock).format(atSeconds * 1000)

/** Where a value has none beside it, no line is drawn: such a value is a dot. */
const alone = (values: ArrayLike<number | null | undefined>): number[] => {
  const isThere = (index: number): boolean => values[index] !== null && values[index] !== undefined
  return Array.from(values, (_, index) => index).filter(
    (index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1),
  )
}

const alignedOf = (
  atMs: PlotProps['atMs'],
  values: PlotProps['values'],
  others: readonly PlotLine[],
): uPlot.AlignedData =>
  [atMs.map((at) => at / 1000), [...values], ...others.map((other) => [...other.values])] as uPlot.AlignedData

/** uPlot, drawn in the tokens' colours, with axes, units and a crosshair shared by all plots of the page. */
export function Plot(props: PlotProps) {
  const { atMs, values, heightPx, stale, tone, limit, increments, others = NO_LINES } = props
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const data = useRef<uPlot.AlignedData>([[], []])
  const format = useRef(props.format)
  format.current = props.format
  const lines = useRef(others)
  lines.current = others
  const span = useRef(props.spanMs)
  span.current = props.spanMs
  data.current = alignedOf(atMs, values, others)
  const lineCount = others.length

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
          padding: [8, 20, 0, 0],
          legend: { show: true, live: true },
          cursor: { sync: { key: 'resources' }, drag: { x: false, y: false }, points: { size: 6 } },
          scales: {
            x: {
              time: true,
              range: (_self, min, max) =>
                span.current === undefined ? [min, max] : [span.current[0] / 1000, span.current[1] / 1000],
            },
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
              values: (self, ticks) => ticks.map((tick) => timeWords(tick, self.scales['x'] ?? {})),
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
            { label: 'Time', value: (self, at) => (at === null ? '' : timeWords(at, self.scales['x'] ?? {})) },
            {
              label: props.title,
              stroke: line,
              width: 1.5,
              points: { show: true, size: 4, fill: line, filter: (self, index) => alone(self.data[index] ?? []) },
              value: (_self, value) => (value === null ? '' : format.current(value)),
            },
            ...lines.current.slice(0, lineCount).map(
              ({ label, dashed }): uPlot.Series => ({
                label,
                stroke: dashed === true ? text : line,
                width: dashed === true ? 1 : 0.75,
                ...(dashed === true ? { dash: [4, 3] } : {}),
                points: { show: false },
                value: (_self, value) => (value === null ? '' : `${label.toLowerCase()} ${format.current(value)}`),
              }),
            ),
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
  }, [heightPx, stale, tone, limit, increments, props.title, lineCount])

  useEffect(() => {
    plot.current?.setData(alignedOf(atMs, values, others))
  }, [atMs, values, others])

  return <div ref={host} className="plot w-full" style={{ minHeight: heightPx }} />
}
