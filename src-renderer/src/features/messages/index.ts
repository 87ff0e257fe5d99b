/** Messages between agents: list, conversations, dead letters, topics and identities. */
export { MessagesPage } from './MessagesPage'
