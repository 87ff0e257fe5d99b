import type { Container } from 'dockerode'

/** The kernel's scheduler takes no quota below a millisecond in its period of a tenth of a second. */
const LEAST_CORES = 0.01

/** Give a running container this many cores from now on. False when it ended meanwhile, or its host cannot. */
export const throttleContainer = async (container: Container, cores: number): Promise<boolean> => {
  try {
    await container.update({ NanoCpus: Math.round(Math.max(LEAST_CORES, cores) * 1e9) })
    return true
  } catch {
    return false
  }
}
