import { onStop } from '../program.ts';
import { configuration } from './configuration.ts';
import { openStore } from './received.ts';
import { server } from './server.ts';
import { mailServer } from './smtp.ts';

/** Catches what Lifeboat tells people, in place of their pagers, chats, mailboxes and status pages. */
const config = configuration();
const store = openStore(config.file);
const app = server(store);
const mail = mailServer(store);
await new Promise<void>((resolve, reject) => {
  mail.once('error', reject);
  mail.listen(config.smtpPort, config.host, resolve);
});
await app.listen({ host: config.host, port: config.port });

onStop(async () => {
  await Promise.all([app.close(), new Promise<void>((resolve) => mail.close(resolve))]);
});
