import type { Client } from '@temporalio/client';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { Duration, milliseconds } from '../../plan/duration.ts';
import { addressOf, closeClient, DEFAULT_TIMEOUT_MS, openClient, usesDefaultAddress } from '../client.ts';
import { tell } from './output.ts';

/** Options of every command that talks to Temporal. */
export interface CommonOptions {
  json?: boolean;
  /** Milliseconds. */
  timeout: number;
}

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print JSON on stdout, and nothing else there')
    .addOption(
      new Option('--timeout <duration>', 'how long Temporal and a worker may take to answer')
        .argParser(durationMs)
        .default(DEFAULT_TIMEOUT_MS, '5s'),
    );
}

/** Reads an option such as `10m`; answers milliseconds. */
export function durationMs(text: string): number {
  const parsed = Duration.safeParse(text);
  if (parsed.success) return milliseconds(parsed.data);
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'not a duration');
}

/** Runs `work` with a client and closes it, so that the process can end. */
export async function withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
  const client = openClient();
  if (usesDefaultAddress()) {
    const where = `Temporal at ${addressOf(client)}, namespace "${client.options.namespace}"`;
    tell(`lifeboat: TEMPORAL_ADDRESS is not set; using ${where}`);
  }
  try {
    return await work(client);
  } finally {
    await closeClient(client);
  }
}
