import type { Lab } from '../../../lab/lab.ts';
import { type Block, BlockedCluster, wrongWith } from '../../chaos/scale-blocked.ts';
import { startLab } from '../../support/activities/lab.ts';
import { TO } from '../../support/activities/step.ts';

let lab: Lab;
let cluster: BlockedCluster;

beforeAll(async () => {
  lab = await startLab('scale-blocked', [`${TO}/kubernetes`]);
  cluster = await BlockedCluster.open(lab);
});

afterAll(() => lab?.down());

const SAMPLE: Block[] = ['quota', 'lowered', 'fought', 'autoscaler'];

/** `npm run chaos -- scale-blocked` does it many times. */
test.each(SAMPLE)('a scale-up is not done before the plan has its pods: %s', async (block) => {
  expect(wrongWith(block, await cluster.play(block))).toBeNull();
});
