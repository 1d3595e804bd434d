/**
 * What the client publishes.
 */
export {
  type ApprovalCount,
  type ApprovalFilter,
  type ApprovalPage,
  type Approvals,
  type Client,
  createClient,
  type Deciding,
  type ListQuery,
  type Me,
  type MessagePage,
} from './client.ts';
export {
  ApiError,
  AuthorizationError,
  ConflictError,
  ConnectionError,
  NotFoundError,
  RateLimitError,
  ServerError,
  TooLargeError,
  ValidationError,
} from './errors.ts';
export type { LiveEvent, LiveOptions } from './events.ts';
export type { ClientOptions, TokenProvider } from './http.ts';
