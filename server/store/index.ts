/**
 * Opening a store: one of two engines behind one port.
 * Left out: which one and where, which the configuration says.
 */
import type { Store, Tables } from '../core/ports.ts';
import { approvals } from './approvals.ts';
import { accounts, inbound, posts, seen } from './channels.ts';
import type { Driver } from './driver.ts';
import { embed_tokens, host_keys, origins } from './embed.ts';
import { events } from './events.ts';
import { installations } from './installations.ts';
import { jobs } from './jobs.ts';
import { migrate } from './migrate.ts';
import { mail_tokens, mailboxes, notices } from './mail.ts';
import { keys, people } from './people.ts';
import { gates, rules } from './rules.ts';
import { sealed } from './sealed.ts';
import { mail_codes, sessions } from './sign-in.ts';
import { openSqlite } from './sqlite.ts';
import { trust } from './trust.ts';
import { deliveries, webhooks } from './webhooks.ts';
import { once, workspaces } from './workspaces.ts';

const TABLES: Tables = {
  approvals,
  events,
  jobs,
  people,
  keys,
  sessions,
  workspaces,
  once,
  sealed,
  webhooks,
  deliveries,
  posts,
  accounts,
  seen,
  mail_tokens,
  mail_codes,
  mailboxes,
  notices,
  inbound,
  installations,
  origins,
  host_keys,
  embed_tokens,
  rules,
  gates,
  trust,
};

export type StoreOptions = { file: string } | { database_url: string };

/**
 * Opens the embedded store in a file, or a PostgreSQL database, and brings its schema up to date.
 * Throws one clear sentence when it can't be opened, is in use by another process, or is newer than this program.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const driver = await openDriver(options);
  try {
    await migrate(driver);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return {
    engine: driver.engine,
    tx: (work) => driver.tx(() => work(TABLES)),
    read: (work) => driver.read(() => work(TABLES)),
    announce: driver.announce,
    onAnnounced: driver.onAnnounced,
    close: driver.close,
  };
}

async function openDriver(options: StoreOptions): Promise<Driver> {
  if ('file' in options) return openSqlite(options.file);
  // pg is loaded only where it is used.
  const { openPostgres } = await import('./postgres.ts');
  return openPostgres(options.database_url);
}
