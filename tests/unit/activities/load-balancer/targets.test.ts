import { among, healthText, registered, without } from '../../../../activities/load-balancer/targets.ts';

const one = { id: '10.0.0.1', port: 8080 };
const two = { id: '10.0.0.2', port: 8080 };
const onePortOn = { id: '10.0.0.1', port: 8081 };

test('a target is its address and its port', () => {
  expect(without([one, two, onePortOn], [one])).toEqual([two, onePortOn]);
  expect(among([one, two], [one, onePortOn])).toEqual([one]);
});

test('a draining target is not registered any more', () => {
  const draining = { ...two, state: 'draining' };
  const initial = { ...one, state: 'initial' };
  expect(registered([initial, draining])).toEqual([initial]);
});

test('what is waited for is told with the reason that the vendor gives', () => {
  const healths = [{ ...one, state: 'unhealthy', reason: 'Target.Timeout' }];
  expect(healthText([one, two], healths)).toBe(
    '10.0.0.1:8080 unhealthy (Target.Timeout), 10.0.0.2:8080 not registered',
  );
});
