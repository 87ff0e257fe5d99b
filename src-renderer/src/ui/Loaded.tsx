import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { AppError } from '@/lib/app-error'
import { ErrorState } from './ErrorState'
import { SkeletonRows } from './Skeleton'

export interface LoadedProps<T> {
  readonly read: UseQueryResult<T, AppError>
  readonly skeleton?: ReactNode
  readonly children: (value: T) => ReactNode
}

/** Skeleton, error or content of one read. While the engine starts (IPC_003) the skeleton stays. */
export function Loaded<T>({ read, skeleton = <SkeletonRows />, children }: LoadedProps<T>) {
  if (read.data !== undefined) return <>{children(read.data)}</>
  if (read.error !== null && read.error.code !== 'IPC_003') {
    return <ErrorState error={read.error} onRetry={() => void read.refetch()} />
  }
  return <>{skeleton}</>
}
