import { Plus } from 'lucide-react'
import { useState } from 'react'
import { useRead } from '@/lib/queries'
import { Button, Loaded, SkeletonBlock } from '@/ui'
import { AddBackendDialog } from './AddBackendDialog'
import { BackendsTable } from './BackendsTable'
import { QueueTable } from './QueueTable'
import { StatusLine } from './StatusLine'

/** Where runs are executed and what waits for a place, in one panel. */
export function SchedulerPanel() {
  const read = useRead('scheduler.status', {})
  const [adding, setAdding] = useState(false)
  return (
    <Loaded read={read} skeleton={<SkeletonBlock />}>
      {(status) => (
        <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
          <StatusLine status={status} />
          <section aria-label="Back-ends" className="shrink-0 border-b border-line">
            <h2 className="section-title flex items-center px-4 pt-3 pb-1">
              Back-ends
              <Button
                size="small"
                className="ml-auto"
                icon={<Plus size={12} aria-hidden />}
                onPress={() => setAdding(true)}
              >
                Add back-end
              </Button>
            </h2>
            <BackendsTable backends={status.backends} />
          </section>
          <QueueTable />
          {adding && <AddBackendDialog onClose={() => setAdding(false)} />}
        </div>
      )}
    </Loaded>
  )
}
