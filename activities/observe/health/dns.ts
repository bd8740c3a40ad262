import { Resolver } from 'node:dns/promises';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { answeredValues, DNS_PORT, type Server } from '../../dns/answers.ts';
import { keyText, type RecordKey, sameValues, valuesText } from '../../dns/record.ts';
import { together } from '../../together.ts';
import { healthy, type Looked, type SharedLook } from './health.ts';

/** A single lost packet is nothing rare. The second question waits twice as long. */
const PATIENCE = { timeout: 400, tries: 2 };

type Names = Wiring<'route53'> | Wiring<'cloudflare'>;

/** One server's answer for one record. */
interface DnsAnswer {
  server: Server;
  record: RecordKey;
  /** Null: it was silent. */
  values: readonly string[] | null;
}

/** Does every server that counts lead clients to one of the regions? Which one is told by where the name leads. */
export const dns: SharedLook = async (component) => {
  const { shared } = component.wiring as Names;
  const servers = shared.resolvers.length > 0 ? shared.resolvers : await nameServersOf(shared.zone);
  if (servers === null) return { health: 'unknown', detail: `who answers for ${shared.zone} cannot be told from here` };
  const questions = servers.flatMap((server) => shared.records.map((record) => answerOf(server, record)));
  return judgeAnswers(component, await together(questions));
};

/** As the rest of the world finds them, without the provider's API; null when this place has no answer at all. */
async function nameServersOf(zone: string): Promise<Server[] | null> {
  try {
    const names = await new Resolver(PATIENCE).resolveNs(zone);
    return names.map((name) => `${name}:${DNS_PORT}`);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND' || code === 'ENODATA') throw new Error(`nobody is known who answers for ${zone}`);
    return null;
  }
}

async function answerOf(server: Server, record: RecordKey): Promise<DnsAnswer> {
  const values = await answeredValues(server, record, PATIENCE).catch(() => null);
  return { server, record, values };
}

function judgeAnswers({ provider, wiring }: WiredComponent, answers: readonly DnsAnswer[]): Looked {
  const sets = Object.values((wiring as Names).regions).map(({ values }) => values);
  const astray = answers.filter(
    ({ record, values }) => values === null || !sets.some((own) => sameValues(record.type, own, values)),
  );
  if (astray.length === 0) return healthy;
  const detail = astray.map(textOf).join('; ');
  // Cloudflare answers for a record that it proxies with addresses of its own.
  if (provider === 'cloudflare' && astray.every(({ values }) => values !== null)) return { health: 'unknown', detail };
  return { health: astray.length === answers.length ? 'failing' : 'degraded', detail };
}

const textOf = ({ server, record, values }: DnsAnswer): string =>
  values === null
    ? `${server} does not answer for ${keyText(record)}`
    : `${server} answers ${valuesText(values)} for ${keyText(record)}, which is of no region`;
