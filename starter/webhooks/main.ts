import { setTimeout as sleep } from 'node:timers/promises';
import { secretsFromFolder } from '../../activities/secrets.ts';
import { dataConverter, isPlainUnsaid, NOT_ENCRYPTED } from '../../codec/data-converter.ts';
import { processLog } from '../../telemetry/process-log.ts';
import { traceRequests } from '../../telemetry/trace-requests.ts';
import { startTracing } from '../../telemetry/tracing.ts';
import { closeClient, openClient } from '../client.ts';
import { loadRecoveryPlan } from '../load-plan.ts';
import { briefSecrets } from './brief-secrets.ts';
import { alertmanager } from './formats/alertmanager.ts';
import { buildGateway } from './gateway.ts';
import { incidentsInTemporal } from './incidents.ts';
import { gatewaySettings } from './settings.ts';

/** Requests under way end within the 4 s that Temporal gets, and a little more. */
const SHUTDOWN_MS = 8_000;
/** How soon a rotated secret takes effect. */
const SECRETS_TTL_MS = 1_000;

/** The gateway process. Ends with 1 when it cannot start; SIGTERM and SIGINT end it after the requests under way. */
async function main(): Promise<void> {
  const log = processLog('gateway');
  const settings = gatewaySettings(process.env);
  const secrets = briefSecrets(secretsFromFolder(settings.secretsFolder), SECRETS_TTL_MS);
  await secrets.get(alertmanager.secret);
  const { environment, systems } = settings;
  const plans = await Promise.all(systems.map((system) => loadRecoveryPlan({ system, environment })));
  const tracing = await startTracing('lifeboat-gateway');
  if (isPlainUnsaid(dataConverter())) log.warn({ encrypted: false }, NOT_ENCRYPTED);
  const client = openClient(tracing ? [tracing.client] : []);
  const app = buildGateway({ plans, incidents: incidentsInTemporal(client), secrets, log });
  if (tracing) traceRequests(app);
  const stop = async (signal: string) => {
    log.info({ signal }, 'stopping');
    await Promise.race([app.close(), sleep(SHUTDOWN_MS)]);
    await closeClient(client);
    await tracing?.stop();
    process.exit();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(signal));
  const address = await app.listen({ host: settings.host, port: settings.port });
  log.info({ address, environment, systems }, 'listening');
}

main().catch((error) => {
  process.stderr.write(`gateway: ${error.message}\n`);
  process.exit(1);
});
