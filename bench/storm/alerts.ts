import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { eventually } from '../../lab/eventually.ts';
import { AlertBook } from '../../workflows/incident/alert-book.ts';
import { type Alert, type IncidentInput, incidentId, incidentStatusQuery } from '../../workflows/incident-messages.ts';
import { SYSTEM } from './place.ts';
import type { Storm } from './webhooks.ts';

export type State = Alert['status'];

/** Alerts, by what the sender calls them. */
export type States = ReadonlyMap<string, State>;

/** The names of the alerts that are not in the incident in their last state, and of those that nobody sent. */
export async function alertsLost(client: Client, { states }: Storm): Promise<string[]> {
  let lost = [...states.keys()];
  const patience = { what: 'the alerts in the incident', withinMs: 20_000, everyMs: 500 };
  await eventually(patience, async () => {
    lost = differing(states, await statesIn(client));
    if (lost.length > 0) throw new Error(`${lost.length} are lost`);
  }).catch(() => {
    // The figure says so.
  });
  return lost;
}

/** Alerts whose state is another than was sent, or which only one of the two has. */
export function differing(sent: States, known: States): string[] {
  return [...new Set([...sent.keys(), ...known.keys()])].filter((name) => sent.get(name) !== known.get(name));
}

/**
 * What the incident knows of every alert, by its history: what it took over from the run before, and what it was told
 * since. Its status shows only some of them whole; that it counts as many is asked of it.
 */
async function statesIn(client: Client): Promise<States> {
  const handle = client.workflow.getHandle(incidentId(SYSTEM));
  const { memory, told } = await knownBy(client);
  const book = new AlertBook({ alerts: memory?.alerts ?? {}, shown: [] });
  for (const alerts of told) book.join(alerts);
  const { counts } = await handle.query(incidentStatusQuery);
  if (counts.firing !== book.firing || counts.firing + counts.resolved !== book.size) {
    throw new Error(
      `the incident counts ${JSON.stringify(counts)}; by its history ${book.firing} of ${book.size} fire`,
    );
  }
  const entries = Object.entries(book.carriedOver().alerts);
  return new Map(
    entries.map(([fingerprint, text]) => [nameIn(fingerprint), text.startsWith('f') ? 'firing' : 'resolved']),
  );
}

/** The gateway puts the sender's format before the name. */
const nameIn = (fingerprint: string) => fingerprint.split('/').at(-1) ?? fingerprint;

async function knownBy(client: Client): Promise<{ memory: IncidentInput['memory']; told: Alert[][] }> {
  const { events } = await client.workflow.getHandle(incidentId(SYSTEM)).fetchHistory();
  const converter = client.options.loadedDataConverter;
  const told: Alert[][] = [];
  let memory: IncidentInput['memory'];
  for (const event of events ?? []) {
    const started = event.workflowExecutionStartedEventAttributes;
    const signaled = event.workflowExecutionSignaledEventAttributes;
    if (started) {
      const [input] = (await decodeArrayFromPayloads(converter, started.input?.payloads)) as [IncidentInput];
      memory = input.memory;
    }
    if (signaled?.signalName !== 'alerts') continue;
    const [alerts] = (await decodeArrayFromPayloads(converter, signaled.input?.payloads)) as [Alert[]];
    told.push(alerts);
  }
  return { memory, told };
}
