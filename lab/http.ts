import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface Ask {
  url: string;
  /** PEM of the authority that the server's certificate must come from. */
  ca?: string;
  token?: string;
}

/** GETs and answers the body; throws on any status but 2xx and after two seconds of silence. */
export function httpGet({ url, ca, token }: Ask): Promise<string> {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { ca, headers, agent: false, timeout: 2_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status >= 200 && status < 300) resolve(body);
        else reject(new Error(`${url} answers ${status}: ${body.slice(0, 200)}`));
      });
    });
    request.on('timeout', () => request.destroy(new Error(`${url} is silent`)));
    request.on('error', reject);
    request.end();
  });
}
