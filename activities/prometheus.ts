import { z } from 'zod';
import { callSignal } from './step-time.ts';

const TIMEOUT_MS = 2_000;

/** An instant query's answer, of the kinds that can be one number: https://prometheus.io/docs/prometheus/latest/querying/api/ */
const Sample = z.tuple([z.number(), z.string()]);
const Answer = z.object({
  data: z.discriminatedUnion('resultType', [
    z.object({ resultType: z.literal('vector'), result: z.array(z.object({ value: Sample })) }),
    z.object({ resultType: z.literal('scalar'), result: Sample }),
  ]),
});

/** The one number that a query answers; null when Prometheus has none. Throws when it does not answer. */
export async function askPrometheus(url: string, query: string): Promise<number | null> {
  const address = new URL('api/v1/query', url.endsWith('/') ? url : `${url}/`);
  address.searchParams.set('query', query);
  const answer = await fetch(address, { signal: callSignal(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  const { data } = Answer.parse(await answer.json());
  const sample = data.resultType === 'scalar' ? data.result : data.result[0]?.value;
  const value = Number(sample?.[1] ?? Number.NaN);
  // No requests at all make 0/0, which PromQL calls NaN.
  return Number.isFinite(value) ? value : null;
}
