/**
 * The channels of a running server: known by name from the start, opened once the use cases they ask exist.
 * Invariant: until a channel is open nothing is sent through it; the worker starts after all are.
 */
import type { OpenChannel } from '../bot/open.ts';
import type { ChannelEntry } from '../bot/registry.ts';
import type { ChannelParts, ChannelSet } from './core/channel-ports.ts';

export type Channels = ChannelSet & {
  /** Opens all; what is open is closed again when one can't be. */
  open(parts: ChannelParts): Promise<void>;
  /** The HTTP endpoints of channels, to be mounted before anything reads a body. */
  handlers(): NonNullable<OpenChannel['handle']>[];
  close(): Promise<void>;
};

export function createChannels(entries: readonly ChannelEntry[]): Channels {
  const opened: OpenChannel[] = [];
  const close = async () => {
    await Promise.allSettled(opened.splice(0).map((one) => one.close()));
  };
  return {
    names: entries.map(({ name }) => name),
    defaultOf: (name) => entries.find((entry) => entry.name === name)?.default_to ?? null,
    of: (name) => opened.find(({ channel }) => channel.name === name)?.channel ?? null,
    ...(entries.some(({ installs }) => installs)
      ? { oauth: () => opened.find(({ oauth }) => oauth)?.oauth ?? null }
      : {}),
    open: async (parts) => {
      try {
        for (const entry of entries) opened.push(await entry.open(parts));
      } catch (error) {
        await close();
        throw error;
      }
    },
    handlers: () => opened.flatMap(({ handle }) => (handle ? [handle] : [])),
    close,
  };
}
