import { reportDocument } from '../../../plan/render-report/document.ts';
import { renderReportHtml, renderReportMarkdown } from '../../../plan/render-report.ts';
import { SAMPLE } from '../../support/plan/sample-report.ts';

/** Lines of the Markdown that hold a text. */
const lines = (text: string, report = SAMPLE) =>
  renderReportMarkdown(report)
    .split('\n')
    .filter((line) => line.includes(text));

/** The sample with its verdicts on the objectives. */
const judged = (time: boolean | null, loss: boolean | null) => ({
  ...SAMPLE,
  recoveryTime: { ...SAMPLE.recoveryTime, met: time },
  dataLoss: { ...SAMPLE.dataLoss, met: loss },
});

test.each([
  ['good', true, true],
  ['bad', false, true],
  ['bad', true, false],
  ['bad', null, false],
  ['unsure', true, null],
] as const)('the headline is %s when recovery time and data loss are met: %s and %s', (tone, time, loss) => {
  const { headline } = reportDocument(judged(time, loss));
  expect(headline.tone).toBe(tone);
  expect(headline.text.endsWith(': objective missed')).toBe(tone === 'bad');
});

describe('Markdown', () => {
  test('says first how it ended', () => {
    expect(renderReportMarkdown(SAMPLE).split('\n').slice(0, 5)).toEqual([
      '# Drill report: teei-csr, region-failover us-east-1 → eu-central-1',
      '',
      '**recovered in 22 s, data loss unknown**',
      '',
      'All checks were green for 3s.',
    ]);
  });

  test('holds objectives against what was reached, and calls unknown unknown', () => {
    expect(lines('(RTO')).toEqual(['| Recovery time (RTO) | 5 min | 22 s | met |']);
    expect(lines('(RPO')).toEqual(['| Data loss (RPO) | 10 s | unknown | unknown |']);
    expect(lines('Bytes of WAL')).toEqual(['| Bytes of WAL lost | – | 12,345 |  |']);
    expect(lines('Acknowledged')).toEqual(['| Acknowledged writes lost | – | 0 |  |']);
    expect(lines('waiting for people')[0]).toContain('8.3 s of it');
  });

  test('marks what is over budget, and draws when each phase ran', () => {
    expect(lines('| promote ')).toEqual([
      '| promote | done | 5 s | **7.5 s, over budget** | 2 | `········██████······` | done |',
    ]);
    expect(lines('| assess ')[0]).toContain('`█···················`');
    expect(lines('invalidate-cdn')).toEqual(['| invalidate-cdn | not-started | 1 min | – | 0 |  |  |']);
  });

  test('shows a watch apart from what the budget is for', () => {
    const [first] = SAMPLE.phases;
    if (!first) throw new Error('the sample has a phase');
    const watched = { ...first, name: 'verify', actualSeconds: 1.2, watchSeconds: 120 };
    expect(lines('| verify ', { ...SAMPLE, phases: [watched] })[0]).toContain('| 1 min | 1.2 s; watched for 2 min |');
  });

  test('lists refused approvals with their keys, and reasons', () => {
    const [refused, accepted] = lines('| approve approve |');
    expect(refused).toContain(
      '| unknown | – | SHA256:abcdef | ffffffffffff | **refused** | it was signed for another run |',
    );
    expect(accepted).toContain('| accepted | approved by sre@example.com (reason given: us-east-1 is dark) |');
  });

  test('says of each channel that was not reached why', () => {
    const [record] = SAMPLE.notifications;
    if (!record) throw new Error('the sample has a notification');
    const deliveries = [{ channel: 'chat', deliveredAt: null, onTime: false, detail: 'NotReached: answered 503' }];
    const [told] = lines('| authority |', { ...SAMPLE, notifications: [{ ...record, deliveries, onTime: false }] });
    expect(told).toContain('| pager | **chat (NotReached: answered 503)** | **no, due');
  });

  test('gives the time since the start with each event', () => {
    expect(lines('all checks are green')).toEqual(['| 07:00:20.000 | +20.0 s | all checks are green |']);
  });

  test('says so where there is nothing', () => {
    const text = renderReportMarkdown({ ...SAMPLE, approvals: [], checks: [], notifications: [], timeline: [] });
    for (const none of [
      'Nobody decided anything.',
      'Nothing was checked.',
      'Nobody was told.',
      'Nothing was recorded.',
    ]) {
      expect(text).toContain(none);
    }
  });

  test('lets no text become a row, a heading, a link or HTML', () => {
    const timeline = [
      { at: SAMPLE.startedAt, text: 'a | b\n# Owned\n[x](http://evil) <script>alert(1)</script> `c` **d**' },
    ];
    expect(lines('Owned', { ...SAMPLE, timeline })).toEqual([
      '| 07:00:00.000 | +0.0 s | a \\| b \\# Owned \\[x\\](http://evil) \\<script\\>alert(1)\\</script\\> \\`c\\` \\*\\*d\\*\\* |',
    ]);
  });
});

describe('HTML', () => {
  const page = renderReportHtml(SAMPLE);

  test('needs nothing else and runs nothing', () => {
    expect(page).toMatch(/^<!doctype html>/);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).not.toMatch(/<script|<link|<img|src=|href=|@import|url\(/);
  });

  test('puts each phase on a bar from start to end of the recovery', () => {
    expect(page).toContain('<div class="bar good" style="left:40%;width:30%"></div>');
    expect(page).toContain('<span class="bad">7.5 s, over budget</span>');
  });

  test('closes every element that it opens', () => {
    const open: string[] = [];
    for (const [, end, name] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
      if (name === 'meta') continue;
      if (end === '') open.push(name as string);
      else expect(open.pop()).toBe(name);
    }
    expect(open).toEqual([]);
  });

  test('escapes text wherever it comes from', () => {
    const evil = `"><script>alert('1')</script>&amp;`;
    const escaped = '&quot;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;amp;';
    const [phase] = SAMPLE.phases;
    const [approval] = SAMPLE.approvals;
    const [check] = SAMPLE.checks;
    const [notification] = SAMPLE.notifications;
    if (!phase || !approval || !check || !notification) throw new Error('the sample has one of each');
    const hostile = renderReportHtml({
      ...SAMPLE,
      system: evil,
      environment: evil,
      scenario: evil,
      reason: evil,
      from: evil,
      to: evil,
      planHash: evil,
      workflowId: evil,
      runId: evil,
      evidence: evil,
      detectedAt: evil,
      dataLoss: { ...SAMPLE.dataLoss, method: evil },
      phases: [{ ...phase, name: evil, detail: evil, startedAt: evil }],
      approvals: [
        {
          ...approval,
          at: evil,
          verb: evil,
          target: evil,
          identity: evil,
          roles: [evil],
          keyFingerprint: evil,
          detail: evil,
          factsDigest: evil,
          reason: evil,
        },
      ],
      checks: [{ ...check, name: evil, detail: evil, at: evil }],
      notifications: [
        { ...notification, kind: evil, subject: evil, roles: [evil], delivered: [evil], failed: [evil], dueAt: evil },
      ],
      timeline: [{ at: evil, text: evil }],
    });
    expect(hostile).not.toContain('<script');
    expect(hostile.split(escaped).length).toBeGreaterThan(25);
  });
});

test('tells a recovery that did not get there as it is', () => {
  const refused = {
    ...SAMPLE,
    mode: 'live' as const,
    outcome: 'refused' as const,
    recoveredAt: null,
    recoveryTime: { ...SAMPLE.recoveryTime, actualSeconds: null, met: null },
  };
  const [title, , headline] = renderReportMarkdown(refused).split('\n');
  expect(title).toMatch(/^# Recovery report/);
  expect(headline).toBe('**refused**');
  expect(lines('(RTO', refused)).toEqual(['| Recovery time (RTO) | 5 min | not reached | unknown |']);
  expect(lines('| Recovered ', refused)).toEqual(['| Recovered | never |']);
});

test('draws no bars for a recovery that took no time', () => {
  const instant = { ...SAMPLE, finishedAt: SAMPLE.startedAt };
  expect(renderReportHtml(instant)).not.toContain('class="track"');
  expect(renderReportMarkdown(instant)).not.toContain('█');
});
