/** `node deploy/healthcheck.ts URL`: ends with 0 when it answers 2xx within 3 seconds. What containers are asked by. */
const [url = ''] = process.argv.slice(2);
const answer = await fetch(url, { signal: AbortSignal.timeout(3_000) }).catch((error: Error) => error);
const healthy = answer instanceof Response && answer.ok;
if (!healthy)
  console.error(answer instanceof Response ? `${url} answers ${answer.status}` : `${url}: ${answer.message}`);
process.exit(healthy ? 0 : 1);
