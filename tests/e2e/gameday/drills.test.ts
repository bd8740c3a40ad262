import { differences, type Picture, takePicture } from '../../../lab/gameday/picture.ts';
import { playRow, rowNamed } from '../../../lab/gameday/rows/index.ts';
import { type Lab, up } from '../../../lab/lab.ts';
import { failed, silent } from '../../support/gameday/support.ts';
import { CLIENT_NAME, EDGE_NAME } from '../../support/lab/shape.ts';

/** A drill takes half a minute, and several times that on a busy machine. */
const DRILL_TIMEOUT_MS = 420_000;

/**
 * One lab for all of them, since each but the last leaves everything as it was. The other criteria of the rollback take
 * as long again: `npm run gameday -- rollback-services`, `rollback-rto-exceeded` and `rollback-abort`.
 */
describe('from the alert alone', () => {
  let lab: Lab;
  let before: Picture;

  beforeAll(async () => {
    lab = await up({ name: 'drills', signal: AbortSignal.timeout(170_000) });
  }, 180_000);
  afterAll(() => lab?.down(), 60_000);

  async function play(name: string) {
    const signal = AbortSignal.timeout(DRILL_TIMEOUT_MS - 20_000);
    const drilled = await playRow(lab, rowNamed(name), { screen: silent, signal, yes: true });
    expect(failed(drilled)).toEqual([]);
    return drilled;
  }

  test.each(
    ['self-heal', 'dns-outage', 'abort', 'rollback-errors'].map((name) => ({ name, title: rowNamed(name).title })),
  )('$title', ({ name }) => play(name).then(() => undefined), DRILL_TIMEOUT_MS);

  test(
    rowNamed('replica-lag').title,
    async () => {
      before = await takePicture(lab);
      const { report } = await play('replica-lag');
      expect(report).toMatchObject({ outcome: 'recovered', recoveryTime: { met: true }, dataLoss: { met: true } });
    },
    DRILL_TIMEOUT_MS,
  );

  test('a picture shows what a failover changes', async () => {
    const changed = differences(before, await takePicture(lab)).map((text) => text.split(':')[0]);
    expect(changed).toEqual(
      expect.arrayContaining([
        `DNS of ${CLIENT_NAME}`,
        `DNS of ${EDGE_NAME}`,
        'records of Route 53',
        'records of Cloudflare',
        'targets in eu-central-1',
        'replicas in eu-central-1',
        'pod template in eu-central-1',
        'database Secret in eu-central-1',
        'PostgreSQL in eu-central-1',
        'streams in eu-central-1',
      ]),
    );
  }, 60_000);
});
