import type { Report } from '../../../plan/report.ts';
import { breakLab } from '../../faults.ts';
import { twoSites } from '../../shapes/two-sites.ts';
import { abortAs } from '../abort-as.ts';
import { approver } from '../approve.ts';
import { followRecovery } from '../follow.ts';
import { incidentCloses } from '../incident.ts';
import { servedBy } from '../measure.ts';
import { looksAsBefore, settledPicture } from '../picture.ts';
import { failoverOf } from '../play.ts';
import { comesBackFenced, databaseWakesAlone } from '../region-comes-back.ts';
import { check, once, row, type Stage } from '../row.ts';

export const abort = row({
  name: 'abort',
  title: 'the old primary is seen to take writes, so the fence stops at its gate, and an executive aborts there',
  plan: twoSites.system,
  shape: twoSites.name,
  disaster: wakesAlone,
  async mustHold(stage, { before, report, asked }) {
    const { lab, signal } = stage;
    const { from } = failoverOf(lab);
    const same = await looksAsBefore(lab, before, { except: [], withinMs: WITHIN_MS, signal });
    const served = await servedBy(lab, from, Date.now(), signal);
    await incidentCloses(stage);
    const promoted = report.phases.find(({ name }) => name === 'promote-database');
    return {
      report,
      checks: [
        check('the fence stopped at its gate', /is NOT confirmed/.test(asked), asked),
        check('the VP aborted it, and the SRE approved', ...decidedBy(report)),
        check('the recovery ended as aborted', report.outcome === 'aborted', `${report.outcome}: ${report.reason}`),
        check('nothing was promoted', promoted?.outcome !== 'done', promoted?.detail ?? 'the phase was not there'),
        same,
        check(`${from} serves again`, served > 0, `${served} writes acknowledged since`),
      ],
    };
  },
});

const WITHIN_MS = 90_000;

/**
 * A region freezes; its database alone wakes before it is fenced, while its guard is frozen still. The fence cannot be
 * proved, and nothing is promoted: whoever may abort does so, and everything outside is as it was.
 */
async function wakesAlone(stage: Stage) {
  const { lab, client, plan, screen, signal } = stage;
  const { from } = failoverOf(lab);
  const before = await settledPicture(lab, signal);
  screen.title(`Disaster: ${from} freezes`);
  const since = Date.now();
  screen.note(await breakLab(lab, ['freeze', from]));
  const approve = approver(client, plan, stage);
  const wakes = once(async () => databaseWakesAlone(lab, from));
  let asked = '';
  const aborts = once(async () => {
    await comesBackFenced(lab, from);
    screen.note(`${from} is back, and fenced`);
  });
  const report = await followRecovery(client, plan.system, {
    title: 'Failover, until it is aborted',
    since,
    screen,
    signal,
    async decide(status, gate) {
      if (gate.name !== 'split-brain') {
        await wakes();
        return await approve(status, gate);
      }
      asked = gate.question;
      await aborts();
      await abortAs(stage, status, `${from} is back`);
    },
  }).finally(() => breakLab(lab, ['thaw', from]));
  return { before, report, asked };
}

/** Who decided what, by the signatures that were accepted. */
function decidedBy({ approvals }: Report): [passed: boolean, seen: string] {
  const accepted = approvals.filter((each) => each.accepted).map(({ verb, identity }) => `${verb} by ${identity}`);
  const seen = [...new Set(accepted)].join(', ');
  return [seen === 'approve by sre@lab.test, abort by vp@lab.test', seen];
}
