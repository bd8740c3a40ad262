import { secretsFromFolder } from '../../activities/secrets.ts';
import { processLog } from '../../telemetry/process-log.ts';
import { encryptionCodec } from '../data-converter.ts';
import { buildCodecServer, TOKEN_SECRET } from './server.ts';

/**
 * `npm run codec-server`: lets Temporal's UI and CLI read what the codec encrypts. `LIFEBOAT_SECRETS_DIR` has
 * `codec/keys` and `codec/token`; it listens on `LIFEBOAT_CODEC_HOST` (127.0.0.1) and `LIFEBOAT_CODEC_PORT` (8091) and
 * answers pages of `LIFEBOAT_UI_ORIGIN` (http://127.0.0.1:8080).
 */
const {
  LIFEBOAT_SECRETS_DIR: folder = '/run/secrets/lifeboat',
  LIFEBOAT_CODEC_HOST: host = '127.0.0.1',
  LIFEBOAT_CODEC_PORT: port = '8091',
  LIFEBOAT_UI_ORIGIN: uiOrigin = 'http://127.0.0.1:8080',
} = process.env;

const log = processLog('codec-server');
const secrets = secretsFromFolder(folder);
const codec = encryptionCodec(folder);
await secrets.get(TOKEN_SECRET);
await codec.encode([]);
const app = buildCodecServer({ codec, secrets, uiOrigin });
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
log.info({ address: await app.listen({ host, port: Number(port) }), uiOrigin }, 'listening');
