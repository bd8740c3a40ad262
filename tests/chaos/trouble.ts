import { join } from 'node:path';
import type { Played } from '../../lab/gameday/play.ts';
import { play } from '../../lab/gameday/play.ts';
import type { Screen } from '../../lab/gameday/screen.ts';
import { type Lab, up } from '../../lab/lab.ts';
import { STANDBY } from '../../lab/places.ts';
import { closeClient, openClient } from '../../starter/client.ts';
import { decide } from '../../starter/decide.ts';
import { loadRecoveryPlan } from '../../starter/load-plan.ts';
import type { RecoveryStatus } from '../../workflows/recovery/messages.ts';
import type { Run } from './matrix.ts';

const WITHIN_MS = 400_000;

/** A provider that fails during a whole failover, until people mend it or go on without it. */
export interface Trouble {
  name: string;
  /** The phase that pauses, and what it says: words for somebody woken at 3 a.m. */
  phase: string;
  says: RegExp;
  breaks(lab: Lab): unknown;
  mends(lab: Lab): unknown;
  order: 'retry' | 'skip';
}

const killed = (service: string, phase: string, says: RegExp, order: Trouble['order'] = 'retry'): Trouble => ({
  name: `${service} is unreachable`,
  phase,
  says,
  breaks: (lab) => lab.signal(service, 'SIGKILL'),
  mends: (lab) => lab.startService(service),
  order,
});

export const TROUBLES: Trouble[] = [
  killed(`${STANDBY}/nats`, 'promote-nats', /events: could not connect to NATS in eu-central-1/),
  killed(`${STANDBY}/clickhouse`, 'promote-clickhouse', /analytics in eu-central-1: .*ECONNREFUSED/),
  killed(`${STANDBY}/redis`, 'rebuild-cache', /cache in eu-central-1: .*ECONNREFUSED/),
  killed('third-place/cloudflare', 'cut-over-dns', /could not find zone teei-edge\.test: .*ECONNREFUSED/),
  {
    name: 'pods never get ready',
    phase: 'scale-up',
    says: /api: \d ready .* of 6/,
    breaks: (lab) => toNodes(lab, 'SIGSTOP'),
    mends: (lab) => toNodes(lab, 'SIGCONT'),
    order: 'retry',
  },
];

/** The process that plays all nodes of the standby's cluster. */
function toNodes(lab: Lab, signal: NodeJS.Signals): void {
  const kwok = lab.records(`${STANDBY}/kubernetes`).find(({ program }) => program === 'kwok');
  if (!kwok) throw new Error('the cluster has no kwok');
  process.kill(kwok.pid, signal);
}

const silent: Screen = { title() {}, say() {}, note() {}, at() {} };

/** Whole gamedays, each with one provider in trouble from before the disaster until its phase has paused. */
export async function* troubles(signal: AbortSignal): AsyncGenerator<Run> {
  for (const trouble of TROUBLES) {
    signal.throwIfAborted();
    const wrong = await inLab(signal, (lab) => endure(lab, trouble, signal)).catch(String);
    yield { name: trouble.name, struck: true, wrong };
  }
}

async function inLab<T>(signal: AbortSignal, use: (lab: Lab) => Promise<T>): Promise<T> {
  const lab = await up({ name: `trouble-${process.pid}`, signal });
  try {
    return await use(lab);
  } finally {
    await lab.down();
  }
}

async function endure(lab: Lab, trouble: Trouble, signal: AbortSignal): Promise<string | null> {
  let paused: string | null = null;
  const played = await play(lab, {
    screen: silent,
    signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN_MS)]),
    yes: true,
    beforeDisaster: async () => void trouble.breaks(lab),
    async meanwhile(status) {
      const phase = status.phases.find(({ name, state }) => name === trouble.phase && state === 'paused');
      if (!phase || paused !== null) return;
      paused = phase.detail;
      await trouble.mends(lab);
      await decideOn(lab, status, trouble);
    },
  });
  return verdict(played, trouble, paused);
}

async function decideOn(lab: Lab, status: RecoveryStatus, { phase, order: verb }: Trouble): Promise<void> {
  const plan = await loadRecoveryPlan({ system: 'teei-csr', environment: 'lab' });
  const client = openClient();
  try {
    const keyFile = join(lab.folder, 'keys', 'sre-on-call');
    const { accepted, detail } = await decide(client, plan, status, { verb, target: phase, keyFile });
    if (!accepted) throw new Error(`the ${verb} was refused: ${detail}`);
  } finally {
    await closeClient(client);
  }
}

function verdict({ report, checks }: Played, { phase, says }: Trouble, paused: string | null): string | null {
  if (paused === null) return `${phase} did not pause`;
  if (!says.test(paused)) return `${phase} says: ${paused}`;
  if (report.outcome !== 'recovered') return `${report.outcome}: ${report.reason}`;
  const failed = checks.filter(({ passed }) => !passed).map(({ name, seen }) => `${name}: ${seen}`);
  return failed.length > 0 ? failed.join('; ') : null;
}
