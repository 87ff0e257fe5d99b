/** Review: a person decides on the definition of a tool, and the decision holds for that definition alone. */
export { createReview, type Review } from './review'
