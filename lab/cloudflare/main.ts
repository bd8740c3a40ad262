import { onStop } from '../program.ts';
import { readSecret } from '../secrets.ts';
import { configuration } from './configuration.ts';
import { server } from './server.ts';
import { openZone } from './zone.ts';

/** Cloudflare's API for one zone, whose file the lab's DNS server answers from. */
const config = configuration();
const token = await readSecret(config.secretsFolder, config.tokenSecret);
const app = server(await openZone(config.folder, config.zone, config.host), token);
await app.listen({ host: config.host, port: config.port });

onStop(() => app.close());
