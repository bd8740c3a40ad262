import { setTimeout as sleep } from 'node:timers/promises';
import { briefSecrets } from '../../../../starter/webhooks/brief-secrets.ts';

function counting(answer: () => string) {
  const reads: string[] = [];
  const get = async (name: string) => {
    reads.push(name);
    return answer();
  };
  return { reads, secrets: { get } };
}

test('a secret is read once in its time, and a rotation is seen after it', async () => {
  let current = 'old';
  const { reads, secrets } = counting(() => current);
  const brief = briefSecrets(secrets, 50);
  await Promise.all(Array.from({ length: 100 }, () => brief.get('gateway/token')));
  expect(reads).toEqual(['gateway/token']);
  current = 'young';
  const deadline = Date.now() + 5_000;
  while ((await brief.get('gateway/token')) !== 'young') {
    expect(Date.now()).toBeLessThan(deadline);
    await sleep(10);
  }
});

test('a secret that cannot be read is tried again at once', async () => {
  let there = false;
  const { secrets } = counting(() => {
    if (!there) throw new Error('missing');
    return 'now';
  });
  const brief = briefSecrets(secrets, 60_000);
  await expect(brief.get('gateway/token')).rejects.toThrow('missing');
  there = true;
  await expect(brief.get('gateway/token')).resolves.toBe('now');
});
