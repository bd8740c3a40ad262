import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { clock } from '../format.ts';
import { fetchStatus } from '../recoveries.ts';
import { hasEnded } from '../screen/ended.ts';
import { renderStatus } from '../screen/status.ts';
import type { CommonOptions } from './common.ts';
import { colorOn, print, tell } from './output.ts';

const EVERY_MS = 1_000;

/** Follows a recovery until it ends. Once it has been seen, a lost connection is told and survived. */
export async function watch(client: Client, system: string, options: CommonOptions): Promise<void> {
  const show = shower(options);
  let status = await fetchStatus(client, system, options.timeout);
  for (;;) {
    show(status);
    if (hasEnded(status)) break;
    await sleep(EVERY_MS);
    status = (await again(client, system, options.timeout)) ?? status;
  }
  process.exitCode = status.state === 'recovered' ? EXIT.done : EXIT.refused;
}

async function again(client: Client, system: string, timeoutMs: number): Promise<RecoveryStatus | null> {
  try {
    return await fetchStatus(client, system, timeoutMs);
  } catch (error) {
    if (!(error instanceof StarterError) || error.kind === 'nothing-running') throw error;
    tell(`${clock(new Date().toISOString())}  ${error.message}; asking again`);
    return null;
  }
}

type Show = (status: RecoveryStatus) => void;

function shower({ json }: CommonOptions): Show {
  if (json) return changedJson();
  return process.stdout.isTTY ? inPlace : changedLines();
}

/** Home, each line to its end, and away with what was below: no flicker. */
const inPlace: Show = (status) => {
  const screen = renderStatus(status, { color: colorOn(process.stdout), now: new Date() });
  process.stdout.write(`\x1b[H${screen.replaceAll('\n', '\x1b[K\n')}\x1b[J`);
};

/** A whole status per line, each time something is new. */
function changedJson(): Show {
  let last = '';
  return (status) => {
    const line = JSON.stringify(status);
    if (line !== last) print(line);
    last = line;
  };
}

/** The first screen whole, then each event as it happens. */
function changedLines(): Show {
  let seen: number | null = null;
  return (status) => {
    if (seen === null) print(renderStatus(status, { color: colorOn(process.stdout), now: new Date() }));
    else for (const { at, text } of status.timeline.slice(seen)) print(`${clock(at)}  ${text}`);
    seen = status.timeline.length;
  };
}
