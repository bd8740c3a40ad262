import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIPv6 } from 'node:net';
import type { RecoveryPlan } from '../../plan/recovery-plan.ts';
import { callSignal } from '../step-time.ts';
import { type Finding, failed, passed } from './check.ts';

const TIMEOUT_MS = 3_000;

/** Asks a service of the region's own endpoint, past DNS. */
export function askDirectly({ service }: RecoveryPlan, region: string, path: string): Promise<Finding> {
  const base = service.regions[region];
  if (base === undefined) return Promise.resolve(failed(`the environment names no endpoint in ${region}`));
  return get(new URL(path, base));
}

/** Asks a service as a client would who has resolved its name to `address`: Host and certificate are the name's. */
export function askByName({ service }: RecoveryPlan, address: string, path: string): Promise<Finding> {
  return get(new URL(path, `${service.scheme}://${service.host}:${service.port}`), address);
}

async function get(url: URL, address?: string): Promise<Finding> {
  const startedAt = Date.now();
  const status = await statusOf(url, address);
  const where = `${url.href}${address === undefined ? '' : ` at ${address}`}`;
  const answer = `${where} answered ${status} in ${Date.now() - startedAt} ms`;
  return status >= 200 && status < 300 ? passed(answer) : failed(answer);
}

function statusOf(url: URL, address: string | undefined): Promise<number> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const options = { signal: callSignal(TIMEOUT_MS), agent: false, ...(address && { lookup: always(address) }) };
    const asked = request(url, options, (answer) => {
      answer.on('error', reject);
      answer.on('end', () => resolve(answer.statusCode ?? 0));
      answer.resume();
    });
    asked.on('error', (cause) => reject(cause.name === 'AbortError' ? tooSlow(url) : cause));
    asked.end();
  });
}

const tooSlow = (url: URL) => new Error(`${url.href} did not answer within ${TIMEOUT_MS} ms`);

type Lookup = NonNullable<import('node:net').TcpSocketConnectOpts['lookup']>;

/** A look-up that knows one address. Node asks for a list or for one, depending on its version and settings. */
function always(address: string): Lookup {
  const family = isIPv6(address) ? 6 : 4;
  return (_host, options, answer) => {
    if (options.all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };
}
