/** Rows that hold the place of a list while it loads. */
export function SkeletonRows({ rows = 8 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col">
      {Array.from({ length: rows }, (_, row) => row).map((row) => (
        <div key={row} className="flex h-8 items-center gap-4 border-b border-line px-4">
          <div className="skeleton h-2.5 w-16" />
          <div className={row % 3 === 0 ? 'skeleton h-2.5 w-56' : 'skeleton h-2.5 w-40'} />
          <div className="skeleton ml-auto h-2.5 w-20" />
        </div>
      ))}
    </div>
  )
}

/** A block that holds the place of a detail while it loads. */
export function SkeletonBlock() {
  return (
    <div role="status" aria-label="Loading" className="flex flex-col gap-3 p-4">
      <div className="skeleton h-4 w-56" />
      <div className="skeleton h-2.5 w-96 max-w-full" />
      <div className="skeleton h-2.5 w-72 max-w-full" />
      <div className="skeleton mt-3 h-40 w-full" />
    </div>
  )
}
