/** Approvals: acts that wait for a person, what became of them, standing grants, and rules that would spare questions. */
export { ApprovalDetailPage } from './ApprovalDetailPage'
export { ApprovalsPage } from './ApprovalsPage'
