import type { PolicySet } from '@contract'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useRead } from '@/lib/queries'
import { Age, Loaded, Notice, PageHeader, SkeletonBlock, Tabs } from '@/ui'
import { EditorTab } from './EditorTab'
import { HistoryTab } from './HistoryTab'
import { SimulatorTab } from './SimulatorTab'
import { TestsTab } from './TestsTab'
import { useInspection } from './use-inspection'
import { usePolicyText } from './use-policy-text'

type Tab = 'editor' | 'tests' | 'simulator' | 'history'

function Content({ policy }: { readonly policy: PolicySet }) {
  const navigate = useNavigate()
  const search = useSearch({ from: '/policies' })
  const tab: Tab = search.tab ?? 'editor'
  const draft = usePolicyText(policy)
  const inspection = useInspection(draft.text)
  const tests = inspection.result?.tests
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      {policy.error !== null && (
        <Notice tone="wait" role="alert" title="The file on disk is not in force. The last good rules are kept.">
          Correct the line that is named below, then save.
        </Notice>
      )}
      <Tabs<Tab>
        label="Policy"
        items={[
          { id: 'editor', label: draft.dirty ? 'Editor, not saved' : 'Editor' },
          { id: 'tests', label: 'Tests', count: tests?.length },
          { id: 'simulator', label: 'Simulator' },
          { id: 'history', label: 'History' },
        ]}
        selected={tab}
        onSelect={(id) =>
          void navigate({ to: '/policies', search: { tab: id === 'editor' ? undefined : id }, replace: true })
        }
      >
        {tab === 'editor' ? (
          <EditorTab policy={policy} draft={draft} inspection={inspection} />
        ) : tab === 'tests' ? (
          <TestsTab inspection={inspection} dirty={draft.dirty} />
        ) : tab === 'simulator' ? (
          <SimulatorTab policy={policy} text={draft.text} dirty={draft.dirty} />
        ) : (
          <HistoryTab policy={policy} />
        )}
      </Tabs>
    </div>
  )
}

/** Default deny: what no rule allows is refused. */
export function PoliciesPage() {
  const read = useRead('policies.get', {})
  return (
    <>
      <PageHeader
        title="Policies"
        note={
          read.data === undefined ? undefined : (
            <>
              what no rule allows is denied, loaded <Age atMs={read.data.loadedAtMs} />
            </>
          )
        }
      />
      <Loaded read={read} skeleton={<SkeletonBlock />}>
        {(policy) => <Content policy={policy} />}
      </Loaded>
    </>
  )
}
