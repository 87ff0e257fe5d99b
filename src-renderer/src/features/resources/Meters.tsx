import type { ResourceKind, ResourceOverview } from '@contract'
import clsx from 'clsx'
import { amountOf, formatAmount, formatUsed, KIND_NAMES, KINDS, meterOf, SOURCE_WORDS, usedOf } from './resource-words'

const percent = (share: number): string => `${(share * 100).toFixed(2)}%`

interface MeterProps {
  readonly kind: ResourceKind
  readonly overview: ResourceOverview
}

function Meter({ kind, overview }: MeterProps) {
  const { usedShare, grantedShare, reservedShare, ofGrantable, sentence } = meterOf(kind, overview)
  const machine = usedOf(kind, overview.machine)
  const alert = overview.alerts.find((one) => one.kind === kind)
  const tone = alert === undefined ? 'text-text' : alert.level === 'critical' ? 'text-bad' : 'text-wait'
  return (
    <div className="flex min-w-0 flex-col gap-1.5 px-4 py-3">
      <div className="flex items-baseline gap-2">
        <h2 className="section-title truncate">{KIND_NAMES[kind]}</h2>
        <span className={clsx('num ml-auto text-xs whitespace-nowrap', alert === undefined ? 'text-text-3' : tone)}>
          {Math.floor(ofGrantable * 100)} % granted
        </span>
      </div>
      <p className={clsx('num truncate text-lg font-semibold', tone)}>
        {formatAmount(kind, amountOf(kind, overview.granted))}
        <span className="text-sm font-normal text-text-3">
          {' '}
          of {formatAmount(kind, amountOf(kind, overview.totals) - amountOf(kind, overview.reserved))}
        </span>
      </p>
      <meter
        className="sr-only"
        aria-label={`${KIND_NAMES[kind]} granted`}
        aria-valuetext={sentence}
        max={100}
        value={Math.min(100, Math.floor(ofGrantable * 100))}
      />
      <div aria-hidden className="relative h-2 overflow-hidden rounded-sm bg-active">
        <div className="absolute inset-y-0 right-0 bg-line-strong" style={{ width: percent(reservedShare) }} />
        <div className="absolute inset-y-0 left-0 bg-change/35" style={{ width: percent(grantedShare) }} />
        <div className="absolute inset-y-0 left-0 bg-run" style={{ width: percent(usedShare) }} />
      </div>
      <dl className="grid grid-cols-[max-content_minmax(0,1fr)] gap-x-2 text-xs">
        <dt className="text-text-3">Used by agents</dt>
        <dd className="num truncate text-right">{formatUsed(kind, usedOf(kind, overview.used))}</dd>
        <dt className="text-text-3">Reserved</dt>
        <dd className="num truncate text-right">{formatAmount(kind, amountOf(kind, overview.reserved))}</dd>
        <dt className="text-text-3">Total</dt>
        <dd
          className="num truncate text-right"
          title={`${formatAmount(kind, amountOf(kind, overview.totals))}, ${SOURCE_WORDS[overview.source[kind]]}`}
        >
          {formatAmount(kind, amountOf(kind, overview.totals))}
          {overview.source[kind] !== 'machine' && <span className="text-text-3"> {overview.source[kind]}</span>}
        </dd>
        {machine !== null && (
          <>
            <dt className="text-text-3">Whole machine</dt>
            <dd className="num truncate text-right">{formatAmount(kind, machine)} in use</dd>
          </>
        )}
      </dl>
    </div>
  )
}

/** The four totals: what there is, what is held back, granted and used of it. */
export function Meters({ overview }: { readonly overview: ResourceOverview }) {
  return (
    <section
      aria-label="Totals"
      className="grid shrink-0 grid-cols-2 divide-x divide-y min-[900px]:grid-cols-4 min-[900px]:divide-y-0 divide-line border-b border-line"
    >
      {KINDS.map((kind) => (
        <Meter key={kind} kind={kind} overview={overview} />
      ))}
    </section>
  )
}
