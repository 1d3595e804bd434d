/**
 * Addresses and ids of a mail: who it is from, where replies and bounces go, and what ties it to a thread.
 *
 * INVARIANT: the id of the first mail of a card is the same whenever it is made, so that posting again makes no second one.
 */
import { hash } from 'node:crypto';
import type { Address } from '../../server/core/channel-ports.ts';

/** Whom mails are from: `approvals@example.com`, with a name to show. */
export type Sender = { name: string; address: string };

/** The domain that mails are from. */
export function domainOf({ address }: Sender): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** `approvals+q-<token>@example.com`: where a reply goes (q), or what could not be delivered (b). */
export function taggedAddress({ address }: Sender, tag: 'q' | 'b', token: string): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(0, at)}+${tag}-${token}${address.slice(at)}`;
}

/** The first mail of a card: `<apr_….address-hash.request@domain>`. */
export function requestId(approval_id: string, to: Address, sender: Sender): string {
  return `<${approval_id}.${placeOf(to)}.request@${domainOf(sender)}>`;
}

/** A later one in the same thread; `what` is the same for the same mail. */
export function followUpId(approval_id: string, to: Address, what: string, sender: Sender): string {
  return `<${approval_id}.${placeOf(to)}.${what}@${domainOf(sender)}>`;
}

/** A mail that belongs to no card. */
export function looseId(key: string, to: Address, sender: Sender): string {
  return `<${hash('sha256', `${key} ${placeOf(to)}`).slice(0, 32)}@${domainOf(sender)}>`;
}

/** An address that does not show in ids. */
function placeOf({ workspace_id, to }: Address): string {
  return hash('sha256', `${workspace_id} ${to.toLowerCase()}`).slice(0, 16);
}
