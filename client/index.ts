/**
 * What the client publishes for Node and browsers. The gate needs Node and is published by gate.ts.
 */
export type {
  ApprovalCount,
  ApprovalFilter,
  ApprovalPage,
  Deciding,
  ListQuery,
  Me,
  MessagePage,
  Responding,
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
export type { ClientOptions } from './http.ts';
export type { GatesClient, RulePage, Rules, TrustClient } from './policy.ts';
export {
  type Approvals,
  type Client,
  createClient,
  isPendingApproval,
  type PendingApproval,
  type Settling,
} from './sdk.ts';
export type { Token, TokenProvider } from './tokens.ts';
export { verify, type VerifyOptions, WebhookError, type WebhookEvent } from './webhook.ts';
