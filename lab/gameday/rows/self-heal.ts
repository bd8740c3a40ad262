import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import type { Lab } from '../../lab.ts';
import { kubeconfigSecret, namespaceOf, primaryOf } from '../../shapes/shape.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { incidentCloses, incidentWhen } from '../incident.ts';
import { nothingStarted } from '../nothing-started.ts';
import { looksAsBefore, settledPicture } from '../picture.ts';
import { signalNodes } from '../region-comes-back.ts';
import { check, row, type Stage } from '../row.ts';

export const selfHeal = row({
  name: 'self-heal',
  title: 'a pod is lost and slow to come again: Lifeboat watches Kubernetes heal it, and starts nothing',
  plan: twoSites.system,
  shape: twoSites.name,
  disaster: loseAPod,
  async mustHold(stage, { before, since, verdict }) {
    const { lab, signal } = stage;
    const same = await looksAsBefore(lab, before, { except: [], withinMs: WITHIN_MS, signal });
    return {
      report: null,
      checks: [
        check('the verdict is to let it heal', verdict?.action === 'self-heal', `${verdict?.reason}`),
        await nothingStarted(stage, since),
        same,
      ],
    };
  },
});

const WITHIN_MS = 60_000;

/** Another may come first where something else is slow to answer. */
const RULE = 'pod-or-node-lost';

async function loseAPod(stage: Stage) {
  const { lab, screen, signal } = stage;
  const primary = primaryOf(lab.shape);
  const before = await settledPicture(lab, signal);
  const since = Date.now();
  screen.title(`Disaster: a pod of ${primary} is lost, and its nodes are slow`);
  signalNodes(lab, primary, 'SIGSTOP');
  const seen = await deletePod(lab, primary)
    .then(() => incidentWhen(stage, 'a verdict', ({ verdict }) => verdict?.rule === RULE))
    .finally(() => signalNodes(lab, primary, 'SIGCONT'));
  const { verdict } = seen;
  screen.say(`  ${verdict?.action}: ${verdict?.reason}`);
  await incidentCloses(stage);
  return { before, since, verdict };
}

async function deletePod(lab: Lab, site: string): Promise<void> {
  const config = new KubeConfig();
  config.loadFromString(await readFile(join(lab.folder, 'secrets', kubeconfigSecret(lab.shape, site)), 'utf8'));
  const core = config.makeApiClient(CoreV1Api);
  const { items } = await core.listNamespacedPod({ namespace: namespaceOf(lab.shape), labelSelector: 'app=api' });
  const name = items[0]?.metadata?.name;
  if (name === undefined) throw new Error(`${site} has no pods`);
  await core.deleteNamespacedPod({ namespace: namespaceOf(lab.shape), name });
}
