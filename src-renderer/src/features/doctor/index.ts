/** Doctor: what the product needs, what is missing, and how to mend it. */
export { DoctorPage } from './DoctorPage'
