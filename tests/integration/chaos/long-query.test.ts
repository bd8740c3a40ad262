import { type Report, withReport, wrongWith } from '../../chaos/long-query.ts';

/** `npm run chaos -- long-query` does all of them many times. */
test.each<Report>(['asked', 'ended', 'given back'])(
  'a report on a standby that is to take over (%s) leaves no promotion pending, nor clients without writes',
  async (report) => {
    expect(wrongWith(report, await withReport(report))).toBeNull();
  },
  120_000,
);
