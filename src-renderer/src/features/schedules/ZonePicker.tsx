import { useMemo, useState } from 'react'
import { useRead } from '@/lib/queries'
import { SearchSelect } from './SearchSelect'
import { isZone, wallText } from './zone-time'

export interface ZonePickerProps {
  readonly value: string
  readonly nowMs: number
  readonly onChange: (zone: string) => void
  readonly error?: string | undefined
}

const MOST = 60

/** The zones of this machine, found by any part of their names. */
export function ZonePicker({ value, nowMs, onChange, error }: ZonePickerProps) {
  const zones = useRead('schedules.zones', {})
  const [typed, setTyped] = useState(value)
  const filter = typed === value ? '' : typed.trim().toLowerCase().replaceAll(' ', '_')
  const choices = useMemo(() => {
    const all = zones.data ?? [value]
    const matching = all.filter((zone) => zone.toLowerCase().includes(filter))
    // The chosen one stays in sight.
    const shown = matching.slice(0, MOST)
    return (shown.includes(value) || filter !== '' ? shown : [value, ...shown]).map((zone) => ({
      id: zone,
      text: zone,
      ...(isZone(zone) ? { note: wallText(nowMs, zone).slice(11, 16) } : {}),
    }))
  }, [zones.data, filter, value, nowMs])
  return (
    <SearchSelect
      label="Time zone"
      choices={choices}
      typed={typed}
      onTyped={setTyped}
      selected={value}
      onSelect={(zone) => {
        setTyped(zone)
        onChange(zone)
      }}
      hint={isZone(value) ? `It is ${wallText(nowMs, value).slice(0, 16)} there now.` : undefined}
      error={error}
    />
  )
}
