import type { Answer } from './lanes.ts';

const TIMEOUT_MS = 1000;
/** The name that this client's orders carry; a repeat is one only under the same name. */
export const CLIENT = 'lab-client';

/** Sends one order to whatever address the service's name has now. Never throws. */
export async function sendOrder(id: number, address: () => Promise<string>, port: number): Promise<Answer> {
  try {
    const response = await fetch(`http://${await address()}:${port}/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ id, client: CLIENT, body: `order ${id}` }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // Reading the body gives the connection back to the pool.
    const text = await response.text();
    if (response.ok) return acknowledgement(response.headers);
    return { outcome: isFinal(response.status) ? 'refused' : 'failed', detail: `${response.status} ${text}` };
  } catch (cause) {
    // fetch says only that it failed; its own cause says why.
    const { message, cause: reason } = cause as Error;
    return { outcome: 'failed', detail: String(reason ?? message) };
  }
}

function acknowledgement(headers: Headers): Answer {
  const region = headers.get('x-region');
  const timeline = Number(headers.get('x-timeline'));
  if (region !== null && timeline > 0) return { outcome: 'acknowledged', region, timeline };
  return { outcome: 'failed', detail: 'acknowledged without region and timeline' };
}

const isFinal = (status: number) => status >= 400 && status < 500;
