/**
 * The one error model: every code the product can answer with, what it means, the HTTP status it maps to,
 * and what the operator can do next. docs/errors.md is generated from this table.
 */
import { z } from 'zod'

export interface ErrorEntry {
  /** One line: what went wrong. */
  readonly meaning: string
  readonly http: number
  /** What the operator can do next. */
  readonly nextStep: string
  readonly retryable: boolean
}

const entry = (meaning: string, http: number, nextStep: string, retryable = false): ErrorEntry => ({
  meaning,
  http,
  nextStep,
  retryable,
})

export const ERRORS = {
  AGENT_001: entry('The agent was not found.', 404, 'Refresh the agent list; the agent may have been removed.'),
  AGENT_002: entry(
    'The agent cannot do this in its present state.',
    409,
    'Look at the state timeline, then choose an action that the state allows.',
  ),
  AGENT_003: entry(
    'The agent was changed by someone else meanwhile.',
    409,
    'Reload the agent and make the change again on its newest version.',
  ),
  AGENT_004: entry('The agent definition is not valid.', 422, 'Correct the field that is named, then save again.'),
  AGENT_005: entry('The template was not found.', 404, 'List the templates and choose one of them.'),
  AGENT_006: entry('The execution was not found.', 404, 'Refresh the list of executions.'),
  AGENT_007: entry(
    'The most agents allowed exist already.',
    409,
    'Stop an agent, or raise lifecycle.max_agents in runtime_config.toml.',
  ),
  AGENT_008: entry(
    'This is done to agents of another execution mode.',
    409,
    'Look at the execution mode of the agent; external agents report by themselves and are never started here.',
  ),
  RESOURCE_001: entry(
    'There are not enough resources.',
    507,
    'Stop another agent, or lower the limits of this one.',
    true,
  ),
  COMM_001: entry(
    'A message could not be delivered.',
    502,
    'Check that the receiving agent runs, then try again.',
    true,
  ),
  SCHED_001: entry('The task could not be scheduled.', 503, 'Try again when the load is lower.', true),
  RESOURCE_002: entry(
    'The agent asks for more than there is in all.',
    422,
    'Lower its limits; Resources shows what may be granted.',
  ),
  RESOURCE_003: entry(
    'The run used more than it was granted, again and again.',
    429,
    'Raise the limit of the agent, or make it do less; Resources shows what it used.',
  ),
  COMM_002: entry('The message is too large.', 413, 'Send less, or send it in parts.'),
  COMM_003: entry(
    'The message does not verify, so it was refused.',
    403,
    'Look at the audit trail: it names the sender that was claimed and what did not fit.',
  ),
  COMM_004: entry('The message was seen before, so it was refused.', 409, 'Send it as a new message.'),
  COMM_005: entry(
    'The queue of the receiver is full.',
    429,
    'Wait until the receiver has read some of its messages, then send again.',
    true,
  ),
  COMM_006: entry(
    'Nobody answered the request in time.',
    504,
    'Check that the receiving agent runs, then ask again.',
    true,
  ),
  COMM_007: entry('The message was not found.', 404, 'Refresh the list; it may have been removed by its retention.'),
  COMM_008: entry(
    'The message expired before it was read.',
    410,
    'Send it again with a longer time to live, if it still matters.',
  ),
  SCHED_002: entry('The schedule was not found.', 404, 'Refresh the list of schedules.'),
  SCHED_003: entry(
    'The schedule is not valid.',
    422,
    'Correct the field that is named; the preview shows when it would run.',
  ),
  SCHED_004: entry('The run no longer waits in the queue.', 409, 'Look at the run: it was started or ended meanwhile.'),
  SCHED_005: entry(
    'The execution back-end was not found or is in use.',
    409,
    'Refresh the list of back-ends; wait until nothing runs on it before you remove it.',
  ),
  SCHED_006: entry(
    'The schedule cannot do this as it is now.',
    409,
    'Reload the schedule: it was changed meanwhile, or its state does not allow this.',
  ),
  RECOVERY_001: entry(
    'The circuit is open: this failed too often just now.',
    503,
    'Wait for the next try, or open Resources and try at once; the breaker shows the last error.',
    true,
  ),
  RECOVERY_002: entry('There is no such circuit breaker.', 404, 'Refresh the list of breakers.'),
  SEC_001: entry(
    'A security rule was violated, so the request was refused.',
    403,
    'Nothing was done. If you did not expect this, look at the audit trail.',
  ),
  CTX_001: entry(
    'The agent memory could not be read or written.',
    500,
    'Check the disk space and the data folder, then try again.',
    true,
  ),
  RAG_001: entry('The retrieval pipeline failed.', 500, 'Try again; if it stays, look at the log.', true),
  VDB_001: entry('The vector database failed.', 502, 'Check that the vector database runs, then try again.', true),
  MCP_001: entry('The tool server cannot be reached.', 502, 'Check its command and its log, then reconnect it.', true),
  MCP_002: entry(
    'The tool server answered with an error.',
    502,
    'Look at the error text; the server, not the console, refused or failed.',
  ),
  MCP_003: entry(
    'The tool server is not known, or its name is taken.',
    409,
    'Choose a server from the list, or another name.',
  ),
  MCP_004: entry(
    'The tool call took too long.',
    504,
    'Try again, or raise mcp.call_timeout in runtime_config.toml.',
    true,
  ),
  SCHEMA_001: entry(
    'The tool definition could not be verified.',
    403,
    'Review the tool again; its definition differs from the one that was approved.',
  ),
  REVIEW_001: entry('The tool is not approved.', 403, 'Open Reviews, read its definition, and approve or reject it.'),
  REVIEW_002: entry('The tool or its review was not found.', 404, 'Refresh the review queue.'),
  REVIEW_003: entry(
    'What you decided on is no longer what is offered.',
    409,
    'Read the new definition, then decide again.',
  ),
  POLICY_001: entry(
    'The policy denies this.',
    403,
    'Ask for a rule that allows it, or edit the policy file; the reason names the rule.',
  ),
  POLICY_002: entry(
    'The policy file is not valid; the last good rules stay in force.',
    422,
    'Correct the line that is named, then save again.',
  ),
  POLICY_003: entry('The policy file was changed meanwhile.', 409, 'Reload the policy, then make the change again.'),
  POLICY_004: entry(
    'A limit of the policy is reached.',
    429,
    'Wait as long as the answer says, then try again; the reason names the rule.',
    true,
  ),
  APPROVAL_001: entry('A person denied this.', 403, 'Nothing was done. Read the reason that was given.'),
  APPROVAL_002: entry(
    'Nobody approved this in time, so it is denied.',
    408,
    'Nothing was done. Ask again later.',
    true,
  ),
  APPROVAL_003: entry(
    'The approval or grant was not found, or is decided already.',
    409,
    'Refresh the queue; the history shows what became of it.',
  ),
  APPROVAL_004: entry(
    'What was approved is not what would be done.',
    409,
    'Nothing was done. Open the request again and read what it asks for now.',
  ),
  APPROVAL_005: entry(
    'The approval was called off because what asked for it is gone.',
    409,
    'Nothing was done. Run the agent again if you want it to ask again.',
  ),
  APPROVAL_006: entry(
    'This act cannot be decided in this way.',
    422,
    'Choose one of the scopes that are offered, or decide on each request by itself.',
  ),
  SECRET_001: entry('There is no secret with this name.', 404, 'Check the name in Secrets; names are exact.'),
  SECRET_002: entry(
    'The secret name or value is not valid.',
    422,
    'Use letters, digits, dots, dashes and slashes, like app/api-key.',
  ),
  SECRET_003: entry(
    'A secret with this name exists already.',
    409,
    'Choose another name, or delete the present one first.',
  ),
  SECRET_004: entry(
    'The key store cannot be reached, so secrets stay closed.',
    503,
    'Unlock the system keyring, then try again.',
    true,
  ),
  SECRET_005: entry(
    'The secret could not be decrypted: its file or key was changed.',
    500,
    'Restore the file from a backup; the value was not shown.',
  ),
  AUDIT_001: entry(
    'The audit trail could not be written, so the act was refused.',
    500,
    'Check the disk space and the data folder, then try again.',
    true,
  ),
  AUDIT_002: entry(
    'The audit trail does not verify.',
    500,
    'Keep a copy of the data folder and find out who changed it.',
  ),
  AUDIT_003: entry(
    'There is no such record or checkpoint, or no proof of it yet.',
    404,
    'Wait for the next checkpoint; for an archived record, verify an export with the offline verifier.',
  ),
  AUDIT_004: entry(
    'The audit trail cannot be signed now.',
    503,
    'Open Audit: it says whether the signing key or an anchor is the cause.',
    true,
  ),
  SANDBOX_001: entry(
    'The sandbox tier is not usable on this machine.',
    503,
    'Open Doctor: it names the cause and the fix for each tier.',
    true,
  ),
  SANDBOX_002: entry(
    'The sandbox could not be created or started.',
    502,
    'Look at the cause; Doctor checks the back-end.',
    true,
  ),
  SANDBOX_003: entry(
    'The sandbox image is missing and could not be made.',
    502,
    'Connect to a registry, or install Node.js on this machine, then try again.',
    true,
  ),
  SANDBOX_004: entry('The sandbox stopped answering.', 502, 'Run the agent again; Doctor checks the back-end.', true),
  CONFIG_001: entry(
    'The configuration is not valid.',
    422,
    'Correct the key and line that are named, then start again.',
  ),
  CONFIG_002: entry(
    'Another engine uses this data folder.',
    409,
    'Close the other one, or choose another folder with --data-dir.',
  ),
  STORE_001: entry(
    'The database cannot be opened or written.',
    500,
    'Check the disk space and the rights of the data folder.',
  ),
  STORE_002: entry(
    'The database was written by a newer version of the product.',
    409,
    'Start the newer version; this one left the data untouched.',
  ),
  TASK_001: entry('The task was not found or has ended.', 404, 'Refresh the task list.'),
  IPC_001: entry('The input of the request is not valid.', 400, 'Correct the field that is named, then try again.'),
  IPC_002: entry('This request does not exist.', 404, 'Restart the console; if it stays, the installation is damaged.'),
  IPC_003: entry('The engine is still starting.', 503, 'Wait a moment; the page loads by itself.', true),
  IPC_004: entry('The engine could not start.', 503, 'Read the cause that is shown; Doctor says what is missing.'),
  RUN_001: entry('The agent program ended with an error.', 500, 'Read the log of the execution.'),
  RUN_002: entry('The agent ran longer than it may.', 504, 'Raise its execution timeout, or make it do less.'),
  RUN_003: entry('The run was stopped.', 409, 'Run it again when you want it to finish.', true),
  RUN_004: entry('The run has ended.', 409, 'Refresh the list of executions.'),
  RUN_005: entry('The run waited too long for a place.', 504, 'Run it again when the load is lower.', true),
  RUN_006: entry('The run did nothing for too long.', 504, 'Raise its idle timeout, or look at what it waits for.'),
  INTERNAL_001: entry(
    'Something unexpected went wrong inside the console.',
    500,
    'Try again; if it stays, look at the log and report it.',
    true,
  ),
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof ERRORS

export const ERROR_CODES = Object.keys(ERRORS) as ErrorCode[]

export const ErrorCodeSchema = z.enum(ERROR_CODES as [ErrorCode, ...ErrorCode[]])

/** An error as it crosses a process or network boundary: a code, a safe message, never a stack or a secret. */
export const WireError = z.strictObject({
  code: ErrorCodeSchema,
  message: z.string(),
  nextStep: z.string(),
  retryable: z.boolean(),
  /** Facts that help, already redacted: field names, line numbers, rule names. */
  details: z.record(z.string(), z.json()).optional(),
})
export type WireError = z.infer<typeof WireError>

/** Every answer to a call, on every transport. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: WireError }
