import { Resolver } from 'node:dns/promises';
import type { WiredComponent } from '../../../plan/recovery-plan.ts';
import type { Wiring } from '../../../plan/wiring/index.ts';
import { answeredValues, DNS_PORT, type Server } from '../../dns/answers.ts';
import { keyText, type RecordKey, sameValues, valuesText } from '../../dns/record.ts';
import { together } from '../../together.ts';
import { healthy, LOOK_MS, type Looked, type SharedLook } from './health.ts';

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
  const questions = servers.flatMap((server) => shared.records.map((record) => answerOf(server, record)));
  return judgeAnswers(component, await together(questions));
};

/** As the rest of the world finds them, without the provider's API. */
async function nameServersOf(zone: string): Promise<Server[]> {
  const names = await new Resolver({ timeout: LOOK_MS, tries: 1 }).resolveNs(zone);
  return names.map((name) => `${name}:${DNS_PORT}`);
}

async function answerOf(server: Server, record: RecordKey): Promise<DnsAnswer> {
  const values = await answeredValues(server, record, PATIENCE).catch(() => null);
  return { server, record, values };
}

function judgeAnswers({ wiring }: WiredComponent, answers: readonly DnsAnswer[]): Looked {
  const sets = Object.values((wiring as Names).regions).map(({ values }) => values);
  const astray = answers.filter(
    ({ record, values }) => values === null || !sets.some((own) => sameValues(record.type, own, values)),
  );
  if (astray.length === 0) return healthy;
  return { health: astray.length === answers.length ? 'failing' : 'degraded', detail: astray.map(textOf).join('; ') };
}

const textOf = ({ server, record, values }: DnsAnswer): string =>
  values === null
    ? `${server} does not answer for ${keyText(record)}`
    : `${server} answers ${valuesText(values)} for ${keyText(record)}, which is of no region`;
