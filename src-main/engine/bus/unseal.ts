import { RuntimeError } from '../core'
import type { CryptoPool } from './crypto-pool'
import { type Identities, keyNumber } from './identities'
import type { Journal, Place } from './journal'

/** Verify and open one message that is kept, outside its delivery: for a person who asked, or to send it again. */
export const createUnseal =
  (ports: { readonly identities: Identities; readonly journal: Journal; readonly pool: CryptoPool }) =>
  /** @throws COMM_003 when it does not verify or open, COMM_007 when it is gone, SECRET_004 */
  async ({ parcel, head, header }: Place): Promise<Buffer> => {
    const { identities, journal, pool } = ports
    const sender = identities.member(header.senderId)
    const recipient = identities.member(header.recipientId)
    const sealed = journal.sealed(parcel.num, head)
    if (sealed === null) throw new RuntimeError('COMM_007', 'The message is no longer kept.')
    if (sender === null || recipient === null)
      throw new RuntimeError('COMM_003', 'The message names somebody who has no identity here.')
    await identities.openFor(recipient, header.recipientKeyVersion)
    if (
      identities.material(recipient, header.recipientKeyVersion, 'recipient') === null ||
      identities.material(sender, header.senderKeyVersion, 'verify') === null
    )
      throw new RuntimeError('COMM_003', 'The message names a key that is not kept any more.')
    const message = {
      senderKey: keyNumber(sender, header.senderKeyVersion),
      recipientKey: keyNumber(recipient, header.recipientKeyVersion),
      header: head.header,
      sealed,
    }
    const [opened] = await pool.open([message])
    if (opened === undefined || !opened.ok)
      throw new RuntimeError('COMM_003', 'The message does not verify, so it is not opened.')
    return opened.payload
  }
export type Unseal = ReturnType<typeof createUnseal>
