import { recordedIn } from '../../chaos/effects.ts';

const entry = (url: string, body = '') =>
  `{"headers": {"host": "aws"}, "method": "POST", "url": "${url}", "body": ${JSON.stringify(body)}, "body_encoded": false}`;

test('requests that AWS recorded at the same time are told apart', () => {
  const recording = `${entry('/long')}${entry('/between')}\n\n${entry('/after', '{"headers": {}}')}\n`;
  expect(recordedIn(recording)).toEqual([
    { method: 'POST', url: '/long', body: '' },
    { method: 'POST', url: '/between', body: '' },
    { method: 'POST', url: '/after', body: '{"headers": {}}' },
  ]);
  expect(recordedIn('')).toEqual([]);
});
