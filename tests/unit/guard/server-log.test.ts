import { lastFatal } from '../../../guard/server-log.ts';

const starting = '2026-01-01 00:00:00.000 UTC [10] @ LOG:  starting PostgreSQL 15.14 on x86_64-pc-linux-gnu';
const ready = '2026-01-01 00:00:01.000 UTC [10] @ LOG:  database system is ready to accept read-only connections';
const aborted = [
  '2026-01-01 00:00:02.000 UTC [14] @ FATAL:  recovery aborted because of insufficient parameter settings',
  '2026-01-01 00:00:02.000 UTC [14] @ DETAIL:  max_connections = 100 is a lower setting than on the primary server.',
  '2026-01-01 00:00:02.000 UTC [14] @ HINT:  You can restart the server after the change.',
  '2026-01-01 00:00:02.100 UTC [10] @ LOG:  startup process (PID 14) exited with exit code 1',
];
const turnedAway = '2026-01-01 00:00:02.200 UTC [19] a@b FATAL:  the database system is shutting down';
const logIn = '2026-01-01 00:00:01.500 UTC [18] a@b FATAL:  password authentication failed for user "a"';
const words =
  'FATAL: recovery aborted because of insufficient parameter settings (max_connections = 100 is a lower setting than on the primary server.)';

test('a server that ended is explained by the line before its process ended', () => {
  expect(lastFatal([starting, ready, logIn, ...aborted, turnedAway].join('\n'))).toBe(words);
  expect(lastFatal([starting, turnedAway, ...aborted].join('\n'))).toBe(words);
});

test('sessions that are turned away explain nothing', () => {
  expect(lastFatal([starting, ready, logIn, turnedAway].join('\n'))).toBeNull();
  expect(lastFatal([starting, turnedAway].join('\n'))).toBeNull();
  expect(lastFatal('')).toBeNull();
});

test('a server that never got ready is explained by its own line, and by none of a life before', () => {
  const socket = '2026-01-01 00:00:00.100 UTC [10] @ FATAL:  could not create any TCP/IP sockets';
  expect(lastFatal([starting, socket].join('\n'))).toBe('FATAL: could not create any TCP/IP sockets');
  expect(lastFatal([starting, ...aborted, starting, ready].join('\n'))).toBeNull();
});
