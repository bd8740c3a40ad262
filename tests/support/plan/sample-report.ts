import { Report } from '../../../plan/report.ts';

const START = Date.parse('2026-11-21T07:00:00.000Z');
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

/** A report of a recovery that went well, with a refused approval on the way. */
export const SAMPLE: Report = Report.parse({
  schemaVersion: 1,
  system: 'teei-csr',
  environment: 'lab',
  scenario: 'region-failover',
  mode: 'drill',
  outcome: 'recovered',
  reason: 'All checks were green for 3s.',
  from: 'us-east-1',
  to: 'eu-central-1',
  planHash: 'a'.repeat(64),
  workflowId: 'recovery/teei-csr',
  runId: '019ab0c2-run',
  detectedAt: at(-2),
  startedAt: at(0),
  recoveredAt: at(20),
  finishedAt: at(25),
  recoveryTime: { objectiveSeconds: 300, actualSeconds: 22, humanSeconds: 8.25, met: true },
  dataLoss: {
    objectiveSeconds: 10,
    actualSeconds: null,
    bytes: 12_345,
    lostAcknowledgedWrites: 0,
    method: 'The last lease says how far the old primary was.',
    met: null,
  },
  phases: [
    phase('assess', { budgetSeconds: 60, actualSeconds: 1.2, startedAt: at(0), finishedAt: at(1.2) }),
    phase('approve', { budgetSeconds: null, actualSeconds: 8.25, startedAt: at(1.2), finishedAt: at(9.45) }),
    phase('promote', { budgetSeconds: 5, actualSeconds: 7.5, attempts: 2, startedAt: at(10), finishedAt: at(17.5) }),
    phase('invalidate-cdn', { outcome: 'not-started', attempts: 0, actualSeconds: null, detail: '' }),
  ],
  approvals: [
    approval({ accepted: false, identity: null, roles: [], detail: 'it was signed for another run', at: at(3) }),
    approval({ accepted: true, detail: 'approved by sre@example.com', reason: 'us-east-1 is dark', at: at(9) }),
  ],
  notifications: [
    {
      at: at(1),
      kind: 'authority',
      roles: ['executives'],
      subject: 'us-east-1 is lost',
      delivered: ['pager'],
      failed: ['chat'],
      dueAt: at(1800),
      onTime: true,
    },
  ],
  checks: [{ name: 'dns', outcome: 'passed', detail: 'api.teei.test leads to 127.0.0.20', at: at(24) }],
  timeline: [
    { at: at(0), text: 'started by RegionUnreachable' },
    { at: at(20), text: 'all checks are green' },
  ],
  evidence: null,
});

function phase(name: string, changes: object): object {
  const done = { attempts: 1, outcome: 'done', budgetSeconds: 60, startedAt: null, finishedAt: null, detail: 'done' };
  return { name, ...done, ...changes };
}

function approval(changes: object): object {
  return {
    verb: 'approve',
    target: 'approve',
    identity: 'sre@example.com',
    roles: ['on-call-sre'],
    keyFingerprint: 'SHA256:abcdef',
    factsDigest: 'f'.repeat(64),
    reason: null,
    ...changes,
  };
}
