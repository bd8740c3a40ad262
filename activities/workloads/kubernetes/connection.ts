import { createConfiguration, KubeConfig, type Middleware, ServerConfiguration } from '@kubernetes/client-node';
import { refusal } from '../../fault.ts';
import { callSignal } from '../../step-time.ts';

/** One call to the API server. */
const CALL_MS = 5_000;

/**
 * Connects to the cluster of a kubeconfig. Each call ends by cancellation of the activity and has a time-out.
 *
 * @param secret where the kubeconfig is from, for errors
 * @throws WiringInvalid when it is no kubeconfig
 */
export function connect(kubeconfig: string, secret: string) {
  const config = parsed(kubeconfig, secret);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw refusal('WiringInvalid', `the kubeconfig in secret "${secret}" has no current cluster`);
  const { middleware, close } = oneConnection();
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(cluster.server, {}),
    authMethods: { default: config },
    promiseMiddleware: [middleware],
  });
  return { configuration, close };
}

function parsed(kubeconfig: string, secret: string): KubeConfig {
  const config = new KubeConfig();
  try {
    config.loadFromString(kubeconfig);
  } catch {
    throw refusal('WiringInvalid', `secret "${secret}" is not a kubeconfig`);
  }
  return config;
}

/** The client makes a connection pool for each request; keeping the first spares a TLS handshake per look. */
function oneConnection() {
  let kept: ReturnType<Parameters<Middleware['pre']>[0]['getDispatcher']>;
  const middleware: Middleware = {
    async pre(request) {
      request.setSignal(callSignal(CALL_MS));
      if (request.getHttpMethod() === 'PATCH') request.setHeaderParam('Content-Type', 'application/merge-patch+json');
      kept ??= request.getDispatcher();
      if (kept !== undefined) request.setDispatcher(kept);
      return request;
    },
    post: async (response) => response,
  };
  return { middleware, close: async () => kept?.close() };
}
