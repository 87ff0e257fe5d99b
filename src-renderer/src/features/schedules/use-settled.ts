import { useEffect, useState } from 'react'

/** The value once it has not changed for a moment, so that nothing is asked at each key. */
export const useSettled = <T>(value: T, afterMs = 250): T => {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), afterMs)
    return () => clearTimeout(timer)
  }, [value, afterMs])
  return settled
}
