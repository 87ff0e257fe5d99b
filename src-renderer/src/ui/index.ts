/** The design system: small parts over React Aria behaviour, drawn in the tokens of app/tokens.css. */
export { Age, Updated } from './Age'
export { Button, type ButtonProps, IconButton } from './Button'
export { Chart } from './Chart'
export { CodeEditor, type CodeProblem } from './CodeEditor'
export { ConsequenceBadge } from './ConsequenceBadge'
export { CopyButton } from './CopyButton'
export { Countdown } from './Countdown'
export { Dialog } from './Dialog'
export { DiffEditor } from './DiffEditor'
export { EmptyState } from './EmptyState'
export { ErrorNotice, ErrorState, Notice } from './ErrorState'
export { Fact, Facts } from './Facts'
export { Field, Select, TextArea, TextInput } from './Field'
export { JsonLine, JsonView } from './JsonView'
export { Kbd } from './Kbd'
export { Loaded } from './Loaded'
export { LogView, logAsText } from './LogView'
export { Menu, type MenuAction, MenuAt } from './Menu'
export { PageHeader } from './PageHeader'
export { SkeletonBlock, SkeletonRows } from './Skeleton'
export { StateShape } from './StateShape'
export { AgentStateBadge, StatusBadge } from './StatusBadge'
export { scrollable } from './scrollable'
export {
  AGENT_LOOKS,
  AGENT_STATE_ORDER,
  APPROVAL_LOOKS,
  CHECK_LOOKS,
  CONSEQUENCE_LOOKS,
  EFFECT_LOOKS,
  END_CAUSES,
  EXECUTION_LOOKS,
  HEALTH_LOOKS,
  hasUsableWall,
  MODE_ORDER,
  MODES,
  ORIGINS,
  OUTCOME_LOOKS,
  PRIORITY_LOOKS,
  PRIORITY_ORDER,
  SERVER_LOOKS,
  SEVERITY_LOOKS,
  TIER_ORDER,
  TIERS,
  TOOL_LOOKS,
  tierLook,
} from './states'
export { Tabs } from './Tabs'
export { Toaster } from './Toaster'
export { Tooltip } from './Tooltip'
export { TypedInput } from './TypedInput'
export { toastDone, toastError } from './toasts'
export { UntrustedText } from './UntrustedText'
export { type GridSelection, VirtualGrid } from './VirtualGrid'
export { type Column, VirtualTable } from './VirtualTable'
