import type { Lease } from '../../../activities/lease/lease.ts';
import { finalOf, parseControl } from '../../../guard/control.ts';
import { waysBack } from '../../../guard/rebuilder.ts';

const CONTROL = `pg_control version number:            1300
Database cluster state:               shut down
Latest checkpoint location:           0/4000028
Latest checkpoint's REDO location:    0/4000028
Latest checkpoint's TimeLineID:       1
`;

test('the control file is read, and tells where a log ended that was ended in order', () => {
  const control = parseControl(CONTROL);
  expect(control).toEqual({ shutDown: true, checkpoint: '0/4000028', timeline: 1 });
  expect(finalOf(control)).toEqual({ walPosition: '0/4000028', timeline: 1 });
});

test.each(['in production', 'shut down in recovery', 'in archive recovery'])('"%s" has no end of its log', (state) => {
  expect(finalOf(parseControl(CONTROL.replace('shut down', state)))).toBeNull();
});

test('a control file that says less than it must is an error', () => {
  expect(() => parseControl('Database cluster state: shut down')).toThrow('Latest checkpoint location');
});

describe('ways back', () => {
  const control = parseControl(CONTROL);
  const final = { walPosition: '0/4000028', timeline: 1 };
  const term = { holder: 'us-east-1', renewedAt: '2026-01-01T00:00:00.000Z', storedAt: null, ttlMs: 4_000 };
  const figures = {
    walPosition: '0/4000028',
    timeline: 1,
    synchronousStandbys: null,
    parameters: null,
    notReplicated: null,
  };
  const previous = { ...term, ...figures, final };
  const lease: Lease = {
    ...previous,
    holder: 'eu-central-1',
    epoch: 2,
    recovery: 'x/y',
    final: null,
    previous,
    handOver: null,
  };
  const ways = (of: Lease, found: typeof control | null = control, way: 'least' | 'copy' = 'least') =>
    waysBack({ way }, 'us-east-1', of, found);

  test('data that ends where it was handed over has nothing of its own', () => expect(ways(lease)).toEqual(['follow']));
  test.each([
    ['was not handed over', { ...lease, previous: { ...previous, final: null } }, control],
    ['was handed over by another region', { ...lease, previous: { ...previous, holder: 'ap-south-1' } }, control],
    ['is unknown to the lease', { ...lease, previous: null }, control],
    ['was not stopped in order', lease, { ...control, shutDown: false }],
    ['ends elsewhere', lease, { ...control, checkpoint: '0/5000028' }],
    ['is on another timeline', lease, { ...control, timeline: 2 }],
  ])('data that %s is rewound, or else copied', (_, of, found) => expect(ways(of, found)).toEqual(['rewind', 'copy']));
  test('data that cannot be read is copied', () => expect(ways(lease, null)).toEqual(['copy']));
  test('data is copied when that is asked for', () => expect(ways(lease, control, 'copy')).toEqual(['copy']));
});
