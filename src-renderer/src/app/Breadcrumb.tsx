import { Link, useLocation, useParams } from '@tanstack/react-router'
import { ChevronRight } from 'lucide-react'
import { useRead } from '@/lib/queries'
import { UntrustedText } from '@/ui'
import { NAV } from './nav'

function AgentCrumb({ id }: { readonly id: string }) {
  const name = useRead('agents.get', { id }).data?.name
  return <>{name ?? 'Agent'}</>
}

function ToolCrumb({ id }: { readonly id: string }) {
  const tool = useRead('tools.get', { id }).data
  return tool === undefined ? 'Tool' : <UntrustedText text={tool.qualifiedName} />
}

function ApprovalCrumb({ id }: { readonly id: string }) {
  const approval = useRead('approvals.get', { id }).data
  return approval === undefined ? 'Approval' : <UntrustedText text={`${approval.action} ${approval.resource}`} />
}

/** The way to the present page. */
export function Breadcrumb() {
  const { pathname } = useLocation()
  const params = useParams({ strict: false })
  const page = NAV.find((item) => item.to !== '/' && pathname.startsWith(item.to)) ?? NAV[0]
  const leaf =
    params.agentId !== undefined ? (
      <AgentCrumb id={params.agentId} />
    ) : params.toolId !== undefined ? (
      <ToolCrumb id={params.toolId} />
    ) : params.approvalId !== undefined ? (
      <ApprovalCrumb id={params.approvalId} />
    ) : pathname === '/agents/new' ? (
      'New agent'
    ) : null
  if (page === undefined) return null
  return (
    <nav aria-label="Breadcrumb" className="ml-1 min-w-0">
      <ol className="flex items-center gap-1 text-text-2">
        <li>
          <Link to={page.to} className="rounded-sm px-1 hover:text-text">
            {page.label}
          </Link>
        </li>
        {leaf !== null && (
          <>
            <ChevronRight size={14} className="shrink-0 text-text-3" aria-hidden />
            <li aria-current="page" className="max-w-64 truncate font-medium text-text">
              {leaf}
            </li>
          </>
        )}
      </ol>
    </nav>
  )
}
