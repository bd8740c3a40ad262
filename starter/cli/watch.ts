import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { IncidentStatus } from '../../workflows/incident-messages.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { StarterError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { clock } from '../format.ts';
import { fetchIncident, fetchStatus } from '../recoveries.ts';
import { hasEnded } from '../screen/ended.ts';
import type { Size } from '../screen/fit.ts';
import { renderIncident } from '../screen/incident.ts';
import { type RenderOptions, renderGate, renderStatus } from '../screen/status.ts';
import type { Approvers } from '../ssh-keys.ts';
import { approversOf } from './approvers.ts';
import type { CommonOptions } from './common.ts';
import { colorOn, print, tell } from './output.ts';

const EVERY_MS = 1_000;

/**
 * Follows a recovery until it ends. While none runs and an incident is open, it is waited for. Once something has been
 * seen, a lost connection is told and survived.
 */
export async function watch(client: Client, system: string, options: CommonOptions): Promise<void> {
  const show = shower(options);
  let status = await firstStatus(client, system, options);
  for (;;) {
    show(status, await approversOf(client, status, options.timeout));
    if (hasEnded(status)) break;
    await sleep(EVERY_MS);
    status = (await again(() => fetchStatus(client, system, options.timeout))) ?? status;
  }
  if (process.stdout.isTTY && !options.json) print('\n');
  process.exitCode = status.state === 'recovered' ? EXIT.done : EXIT.refused;
}

/** The status of the recovery, as soon as there is one. Fails when there is no open incident that could start it. */
async function firstStatus(client: Client, system: string, { timeout, json }: CommonOptions): Promise<RecoveryStatus> {
  let told = '';
  for (;;) {
    try {
      return await fetchStatus(client, system, timeout);
    } catch (error) {
      if (!isNothing(error)) throw error;
      const incident = await again(() => fetchIncident(client, system, timeout));
      if (incident === null) throw error;
      if (incident !== undefined && incident.summary !== told && !json) print(waitingFor(incident));
      told = incident?.summary ?? told;
    }
    await sleep(EVERY_MS);
  }
}

const waitingFor = (incident: IncidentStatus): string =>
  `${renderIncident(incident, { color: colorOn(process.stdout), now: new Date() })}no recovery has started yet\n`;

const isNothing = (error: unknown) => error instanceof StarterError && error.kind === 'nothing-running';

/** Undefined when nobody answered. */
async function again<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StarterError) || isNothing(error)) throw error;
    tell(`${clock(new Date().toISOString())}  ${error.message}; asking again`);
    return undefined;
  }
}

type Show = (status: RecoveryStatus, approvers: Approvers['approvers']) => void;

function shower({ json }: CommonOptions): Show {
  if (json) return changedJson();
  return process.stdout.isTTY ? inPlace : changedLines();
}

const options = () => ({ color: colorOn(process.stdout), now: new Date() });

const inPlace: Show = (status, approvers) => {
  const { columns = 80, rows = 24 } = process.stdout;
  process.stdout.write(redraw(status, { ...options(), approvers, size: { columns, rows } }));
};

/** Home, each line to its end, and away with what was below: no flicker. No more lines than there are, so that none scrolls. */
export function redraw(status: RecoveryStatus, options: RenderOptions & { size: Size }): string {
  const screen = renderStatus(status, options).trimEnd();
  return `\x1b[H${screen.replaceAll('\n', '\x1b[K\n')}\x1b[K\x1b[J`;
}

/** A whole status per line, each time something is new. */
function changedJson(): Show {
  let last = '';
  return (status) => {
    const line = JSON.stringify(status);
    if (line !== last) print(line);
    last = line;
  };
}

/** The first screen whole, then each event as it happens, and each gate as it opens. */
function changedLines(): Show {
  let seen: { events: number; gates: string[] } | null = null;
  return (status, approvers) => {
    const gates = status.gates.map(({ name, openedAt }) => `${name} ${openedAt}`);
    if (seen === null) print(renderStatus(status, { ...options(), approvers }));
    else {
      const { events, gates: known } = seen;
      for (const { at, text } of status.timeline.slice(events)) print(`${clock(at)}  ${text}`);
      const opened = status.gates.filter((_, index) => !known.includes(gates[index] as string));
      for (const gate of opened) print(`\n${renderGate(status, gate, { ...options(), approvers })}`);
    }
    seen = { events: status.timeline.length, gates };
  };
}
