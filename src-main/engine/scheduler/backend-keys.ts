import type { CorrelationId } from '@contract'
import { engineCaller, type NewId } from '../core'
import type { RemoteKeys } from '../sandbox'
import type { Secrets } from '../secrets'

/**
 * The keys of one back-end: read through the gate each time a connection is set up, and masked in all that is written as
 * long as it stands.
 */
export const createBackendKeys = (
  ports: { readonly secrets: Pick<Secrets, 'readForEngine'>; readonly newId: NewId },
  name: string,
): RemoteKeys => {
  const masks: (() => void)[] = []
  return {
    async read(secret) {
      const { value, unmask } = await ports.secrets.readForEngine(
        {
          caller: engineCaller('scheduler'),
          correlationId: ports.newId<CorrelationId>(),
          purpose: `to reach the back-end ${name}`,
        },
        secret,
      )
      masks.push(unmask)
      return value.expose()
    },
    forget() {
      for (const unmask of masks.splice(0)) unmask()
    },
  }
}
