import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * `node deploy/make-secrets.ts`: makes up the secrets that docker-compose.yml needs, each as a file. What is there is
 * left alone. The folder is for its owner only; the files are readable, since the users inside the containers differ.
 */
const FOLDER = join(import.meta.dirname, 'secrets');
const token = () => randomBytes(24).toString('base64url');
const SECRETS = {
  'temporal-database': token(),
  'grafana-admin': token(),
  'lifeboat/gateway/token': token(),
  'lifeboat/gateway/grafana': token(),
  'lifeboat/gateway/standard': `whsec_${randomBytes(24).toString('base64')}`,
  'lifeboat/codec/token': token(),
  // A name and 32 bytes: see docs/production.md on rotation.
  'lifeboat/codec/keys': `${new Date().toISOString().slice(0, 10)} ${randomBytes(32).toString('base64')}\n`,
};

/** Made by others. Until they are there these formats answer 503, which senders take for "come again". */
const YOURS = {
  'lifeboat/gateway/pagerduty': 'the signing secret that PagerDuty shows when the webhook is added',
  'lifeboat/gateway/cloudwatch': 'the ARN of the SNS topic of your alarms',
};

for (const [name, secret] of Object.entries(SECRETS)) {
  const file = join(FOLDER, name);
  await mkdir(dirname(file), { recursive: true });
  const made = await writeFile(file, secret, { flag: 'wx', mode: 0o444 }).then(
    () => true,
    (error) => {
      if (error.code !== 'EEXIST') throw error;
      return false;
    },
  );
  console.log(`${made ? 'made ' : 'kept '} deploy/secrets/${name}`);
}
for (const [name, what] of Object.entries(YOURS)) console.log(`yours deploy/secrets/${name}: ${what}`);
await chmod(FOLDER, 0o700);
