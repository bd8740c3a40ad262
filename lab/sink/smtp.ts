import { text } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Store } from './received.ts';

/** A mail server that takes everything for everybody, and delivers into the store. */
export function mailServer(store: Store): SMTPServer {
  return new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    onData(stream, { envelope: { rcptTo } }, done) {
      const recipients = rcptTo.map(({ address }) => address);
      text(stream)
        .then((raw) => PostalMime.parse(raw))
        .then((mail) => void store.add({ method: 'MAIL', path: recipients.join(', '), ...caught(mail) }))
        .then(() => done(), done);
    },
  });
}

function caught({ headers, subject, text: body, from }: Email) {
  return {
    headers: Object.fromEntries(headers.map(({ key, value }) => [key, value])),
    body: { from: from?.address, subject, text: body },
  };
}
