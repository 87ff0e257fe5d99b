import {
  createBrowserHistory,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import {
  parseAgentsSearch,
  parseApprovalsSearch,
  parseAuditSearch,
  parseMessagesSearch,
  parsePoliciesSearch,
  parseResourcesSearch,
  parseReviewsSearch,
  parseSchedulesSearch,
} from '@/lib/search'
import { NotFound } from './NotFound'
import { PageFailed } from './PageFailed'
import { Shell } from './Shell'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound })

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/overview'), 'OverviewPage'),
})

const agentNew = createRoute({
  getParentRoute: () => root,
  path: 'agents/new',
  validateSearch: (search: Record<string, unknown>): { from?: string } =>
    typeof search['from'] === 'string' ? { from: search['from'] } : {},
  component: lazyRouteComponent(() => import('@/features/agents'), 'NewAgentPage'),
})

const agents = createRoute({
  getParentRoute: () => root,
  path: 'agents',
  validateSearch: parseAgentsSearch,
  component: lazyRouteComponent(() => import('@/features/agents'), 'AgentsPage'),
})

const agentDetail = createRoute({
  getParentRoute: () => agents,
  path: '$agentId',
  component: lazyRouteComponent(() => import('@/features/agents'), 'AgentDetailPage'),
})

const reviews = createRoute({
  getParentRoute: () => root,
  path: 'reviews',
  validateSearch: parseReviewsSearch,
  component: lazyRouteComponent(() => import('@/features/reviews'), 'ReviewsPage'),
})

const reviewDetail = createRoute({
  getParentRoute: () => reviews,
  path: '$toolId',
  component: lazyRouteComponent(() => import('@/features/reviews'), 'ReviewDetailPage'),
})

const approvals = createRoute({
  getParentRoute: () => root,
  path: 'approvals',
  validateSearch: parseApprovalsSearch,
  component: lazyRouteComponent(() => import('@/features/approvals'), 'ApprovalsPage'),
})

const approvalDetail = createRoute({
  getParentRoute: () => approvals,
  path: '$approvalId',
  component: lazyRouteComponent(() => import('@/features/approvals'), 'ApprovalDetailPage'),
})

const schedules = createRoute({
  getParentRoute: () => root,
  path: 'schedules',
  validateSearch: parseSchedulesSearch,
  component: lazyRouteComponent(() => import('@/features/schedules'), 'SchedulesPage'),
})

const scheduleDetail = createRoute({
  getParentRoute: () => schedules,
  path: '$scheduleId',
  component: lazyRouteComponent(() => import('@/features/schedules'), 'ScheduleDetailPage'),
})

const messages = createRoute({
  getParentRoute: () => root,
  path: 'messages',
  validateSearch: parseMessagesSearch,
  component: lazyRouteComponent(() => import('@/features/messages'), 'MessagesPage'),
})

const resources = createRoute({
  getParentRoute: () => root,
  path: 'resources',
  validateSearch: parseResourcesSearch,
  component: lazyRouteComponent(() => import('@/features/resources'), 'ResourcesPage'),
})

const policies = createRoute({
  getParentRoute: () => root,
  path: 'policies',
  validateSearch: parsePoliciesSearch,
  component: lazyRouteComponent(() => import('@/features/policies'), 'PoliciesPage'),
})

const secrets = createRoute({
  getParentRoute: () => root,
  path: 'secrets',
  component: lazyRouteComponent(() => import('@/features/secrets'), 'SecretsPage'),
})

const audit = createRoute({
  getParentRoute: () => root,
  path: 'audit',
  validateSearch: parseAuditSearch,
  component: lazyRouteComponent(() => import('@/features/audit'), 'AuditPage'),
})

const doctor = createRoute({
  getParentRoute: () => root,
  path: 'doctor',
  component: lazyRouteComponent(() => import('@/features/doctor'), 'DoctorPage'),
})

const settings = createRoute({
  getParentRoute: () => root,
  path: 'settings',
  component: lazyRouteComponent(() => import('@/features/settings'), 'SettingsPage'),
})

const routeTree = root.addChildren([
  overview,
  agentNew,
  agents.addChildren([agentDetail]),
  schedules.addChildren([scheduleDetail]),
  messages,
  resources,
  approvals.addChildren([approvalDetail]),
  reviews.addChildren([reviewDetail]),
  policies,
  secrets,
  audit,
  doctor,
  settings,
])

/**
 * The address lives in the hash, and only there. The library's own hash history would read the window's query string
 * (`?theme=`, with which the window is opened) as a part of the route.
 */
const createConsoleHistory = () =>
  createBrowserHistory({
    window,
    parseLocation: () => {
      const href = location.hash.slice(1) || '/'
      const { pathname, search, hash } = new URL(href, location.href)
      return { href, pathname, search, hash, state: history.state }
    },
    createHref: (href) => `${location.pathname}${location.search}#${href}`,
  })

/** Routes of the console; the state of a page that is worth going back to is in its address. */
export const createConsoleRouter = () =>
  createRouter({
    routeTree,
    history: createConsoleHistory(),
    search: { strict: true },
    defaultPreload: 'intent',
    defaultErrorComponent: PageFailed,
    defaultPendingMs: 300,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>
  }
}
