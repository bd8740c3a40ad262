import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import type { Region } from '../places.ts';
import { writeSecret } from '../secrets.ts';
import { type Context, known } from '../service.ts';

/** Name of the secret that holds the administrator's token; the kubeconfig beside it is what plans name. */
export function tokenSecretOf(region: Region): string {
  return `teei-csr/kubernetes-${region}-token`;
}

/** The control plane's certificate, the administrator's token, and the kubeconfig made of both; made once. */
export async function prepareAccess(context: Context, region: Region): Promise<void> {
  const { folder, secrets } = context;
  if (existsSync(join(folder, 'kubeconfig'))) return;
  await makeCertificate(context);
  const token = randomBytes(24).toString('base64url');
  await writeFile(join(folder, 'tokens.csv'), `${token},lifeboat,lifeboat,"system:masters"\n`, { mode: 0o600 });
  await writeSecret(secrets, tokenSecretOf(region), token);
  const config = kubeconfig(context, region, token, await readFile(join(folder, 'server.crt')));
  await writeSecret(secrets, `teei-csr/kubernetes-${region}`, config);
  await writeFile(join(folder, 'kubeconfig'), config, { mode: 0o600 });
}

/** Signed by itself, so that the certificate is its own authority. */
async function makeCertificate({ folder, host, programs }: Context): Promise<void> {
  await execa(known(programs, 'openssl'), [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-noenc', '-days', '30'],
    ...['-subj', '/CN=kube-apiserver', '-addext', `subjectAltName=IP:${host},DNS:localhost`],
    ...['-keyout', join(folder, 'server.key'), '-out', join(folder, 'server.crt')],
  ]);
}

function kubeconfig({ host, ports }: Context, region: Region, token: string, certificate: Buffer): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': region,
    contexts: [{ name: region, context: { cluster: region, user: 'lifeboat' } }],
    clusters: [
      {
        name: region,
        cluster: {
          server: `https://${host}:${known(ports, 'kubernetes')}`,
          'certificate-authority-data': certificate.toString('base64'),
        },
      },
    ],
    users: [{ name: 'lifeboat', user: { token } }],
  });
}
