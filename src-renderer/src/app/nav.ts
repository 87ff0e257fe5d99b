import {
  Activity,
  Bot,
  CalendarClock,
  Cpu,
  FileClock,
  Gauge,
  Hand,
  KeyRound,
  type LucideIcon,
  MessagesSquare,
  ScanSearch,
  Settings,
  ShieldCheck,
} from 'lucide-react'

export interface NavItem {
  readonly to:
    | '/'
    | '/agents'
    | '/schedules'
    | '/messages'
    | '/resources'
    | '/approvals'
    | '/reviews'
    | '/policies'
    | '/secrets'
    | '/audit'
    | '/doctor'
    | '/settings'
  readonly label: string
  readonly icon: LucideIcon
  /** The second key after "g". */
  readonly key: string
}

/** The pages, in the order of the rail. */
export const NAV: readonly NavItem[] = [
  { to: '/', label: 'Overview', icon: Gauge, key: 'o' },
  { to: '/agents', label: 'Agents', icon: Bot, key: 'a' },
  { to: '/schedules', label: 'Schedules', icon: CalendarClock, key: 'c' },
  { to: '/messages', label: 'Messages', icon: MessagesSquare, key: 'm' },
  { to: '/resources', label: 'Resources', icon: Cpu, key: 'e' },
  { to: '/approvals', label: 'Approvals', icon: Hand, key: 'q' },
  { to: '/reviews', label: 'Reviews', icon: ScanSearch, key: 'r' },
  { to: '/policies', label: 'Policies', icon: ShieldCheck, key: 'p' },
  { to: '/secrets', label: 'Secrets', icon: KeyRound, key: 's' },
  { to: '/audit', label: 'Audit', icon: FileClock, key: 'u' },
  { to: '/doctor', label: 'Doctor', icon: Activity, key: 'd' },
  { to: '/settings', label: 'Settings', icon: Settings, key: ',' },
]
