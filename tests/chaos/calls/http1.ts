import tls from 'node:tls';

/**
 * HTTP/2 is written past Node's sockets, where nobody can count or break its requests. So it is not offered to TLS servers
 * meanwhile, and all of them are spoken to in HTTP/1.1.
 *
 * @returns undoes it
 */
export function onlyHttp1(): () => void {
  const connect = tls.connect;
  tls.connect = ((options: tls.ConnectionOptions, ...more: never[]) =>
    connect(
      Array.isArray(options.ALPNProtocols) ? { ...options, ALPNProtocols: ['http/1.1'] } : options,
      ...more,
    )) as typeof tls.connect;
  return () => {
    tls.connect = connect;
  };
}
