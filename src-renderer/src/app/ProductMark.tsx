/** The mark: a gate, open in the middle. */
export function ProductMark() {
  return (
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" className="shrink-0 text-accent">
      <path
        d="M3 4h5M3 10h3.5M3 16h5M12 4h5M13.5 10H17M12 16h5"
        stroke="currentColor"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <circle cx="10" cy="10" r="1.5" fill="currentColor" />
    </svg>
  )
}
