/** Reviews: tools that wait for a person, what they say of themselves, and the decision. */
export { ReviewDetailPage } from './ReviewDetailPage'
export { ReviewsPage } from './ReviewsPage'
