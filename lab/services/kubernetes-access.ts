import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { writeSecret } from '../secrets.ts';
import { type Context, known } from '../service.ts';
import { kubeconfigSecret, type Shape } from '../shapes/shape.ts';

/** Name of the secret that holds the administrator's token; the kubeconfig beside it is what plans name. */
export function tokenSecretOf(shape: Shape, site: string): string {
  return `${kubeconfigSecret(shape, site)}-token`;
}

/** The control plane's certificate, the administrator's token, and the kubeconfig made of both; made once. */
export async function prepareAccess(context: Context, site: string): Promise<void> {
  const { folder, secrets, shape } = context;
  if (existsSync(join(folder, 'kubeconfig'))) return;
  await makeCertificate(context);
  const token = randomBytes(24).toString('base64url');
  await writeFile(join(folder, 'tokens.csv'), `${token},lifeboat,lifeboat,"system:masters"\n`, { mode: 0o600 });
  await writeSecret(secrets, tokenSecretOf(shape, site), token);
  const config = kubeconfig(context, site, token, await readFile(join(folder, 'server.crt')));
  await writeSecret(secrets, kubeconfigSecret(shape, site), config);
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

function kubeconfig({ host, ports }: Context, site: string, token: string, certificate: Buffer): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': site,
    contexts: [{ name: site, context: { cluster: site, user: 'lifeboat' } }],
    clusters: [
      {
        name: site,
        cluster: {
          server: `https://${host}:${known(ports, 'kubernetes')}`,
          'certificate-authority-data': certificate.toString('base64'),
        },
      },
    ],
    users: [{ name: 'lifeboat', user: { token } }],
  });
}
