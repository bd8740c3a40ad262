import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Report } from '../../plan/report.ts';
import { StarterError } from '../../starter/errors.ts';
import { fetchReport, fetchStatus } from '../../starter/recoveries.ts';
import { hasEnded } from '../../starter/screen/ended.ts';
import type { GateStatus, RecoveryStatus } from '../../workflows/recovery/messages.ts';
import { patience } from './patience.ts';
import type { Screen } from './screen.ts';

const EVERY_MS = 100;
/** Prometheus, Alertmanager and the gateway take about five seconds; two minutes without a recovery are a failure. */
const STARTS_WITHIN_MS = 120_000;

interface Following {
  /** What is followed, for the screen. */
  title: string;
  /** Milliseconds since 1970 of the disaster, or of the start of a move. */
  since: number;
  /** Has the gate decided; the signal says that it was decided elsewhere, e.g. by the CLI. */
  decide: (status: RecoveryStatus, gate: GateStatus, elsewhere: AbortSignal) => Promise<void>;
  /** Called with every status that is seen. */
  meanwhile?: (status: RecoveryStatus) => Promise<void>;
  screen: Screen;
  signal: AbortSignal;
}

/** Shows a recovery as it happens, has its gates decided, and answers its report. */
export async function followRecovery(client: Client, system: string, following: Following): Promise<Report> {
  following.screen.title(following.title);
  const patiently = patience();
  const show = timelineOn(following);
  let asking: Asking | null = null;
  try {
    for (;;) {
      following.signal.throwIfAborted();
      // What is shown from here on is from after the answer.
      if (asking?.answered) asking = await settled(asking);
      const status = await patiently(() => statusOnceStarted(client, system, following.since));
      if (status !== null) {
        show(status);
        const gate = status.gates[0];
        if (gate?.openedAt !== asking?.openedAt) asking?.stop();
        if (hasEnded(status)) break;
        await following.meanwhile?.(status);
        if (gate !== undefined) asking ??= ask(following, status, gate);
      }
      await sleep(EVERY_MS, undefined, { signal: following.signal });
    }
    await asking?.decision;
  } finally {
    asking?.stop();
  }
  return await reportOf(client, system, following.signal);
}

/** Each event once, at its time of the drill. */
function timelineOn({ screen, since }: Following): (status: RecoveryStatus) => void {
  let shown = 0;
  return ({ timeline }) => {
    for (const { at, text } of timeline.slice(shown)) screen.at((Date.parse(at) - since) / 1000, text);
    shown = timeline.length;
  };
}

async function settled({ decision }: Asking): Promise<null> {
  await decision;
  return null;
}

/** A gate that is being decided while the recovery is followed. */
interface Asking {
  openedAt: string;
  answered: boolean;
  decision: Promise<void>;
  stop(): void;
}

function ask({ decide, signal }: Following, status: RecoveryStatus, gate: GateStatus): Asking {
  const elsewhere = new AbortController();
  const decision = decide(status, gate, AbortSignal.any([signal, elsewhere.signal]));
  const asking: Asking = { openedAt: gate.openedAt, answered: false, decision, stop: () => elsewhere.abort() };
  const answered = () => {
    asking.answered = true;
  };
  decision.then(answered, answered);
  return asking;
}

/** Null before the alert has come through; an earlier recovery may answer until then. */
async function statusOnceStarted(client: Client, system: string, since: number): Promise<RecoveryStatus | null> {
  try {
    const status = await fetchStatus(client, system);
    if (Date.parse(status.startedAt) >= since) return status;
    throw new StarterError('nothing-running', `only an earlier recovery of ${system} has run`);
  } catch (error) {
    const early = error instanceof StarterError && error.kind === 'nothing-running';
    if (!early || Date.now() - since > STARTS_WITHIN_MS) throw error;
    return null;
  }
}

/** The state says how it ended a moment before the workflow is closed with its report. */
async function reportOf(client: Client, system: string, signal: AbortSignal): Promise<Report> {
  const patiently = patience();
  for (;;) {
    try {
      const report = await patiently(() => fetchReport(client, system));
      if (report !== null) return report;
    } catch (error) {
      if (!(error instanceof StarterError && error.kind === 'refused')) throw error;
    }
    await sleep(EVERY_MS, undefined, { signal });
  }
}
