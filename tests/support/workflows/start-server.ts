import { type AddressInfo, createServer } from 'node:net';
import { type LocalTestWorkflowEnvironmentOptions, TestWorkflowEnvironment } from '@temporalio/testing';
import { execa } from 'execa';
import { eventually } from '../../../lab/eventually.ts';
import { ensureTools, temporalTestServer } from '../../../lab/setup/index.ts';

/** What an idle machine does in a second or two. */
const WITHIN_MS = 45_000;

/**
 * The server whose clock can be moved. The SDK would give it 5 s to start, and a busy machine needs more than that each
 * time that it is tried: so it is started here, and the SDK finds it running.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const port = await freePort();
  const server = execa(await temporalTestServer(), [`${port}`], { stdio: 'ignore', reject: false });
  const end = async () => {
    server.kill('SIGKILL');
    await server;
  };
  const hopeless = () => {
    if (server.exitCode !== null) throw new Error(`the time-skipping server ended by itself: ${server.exitCode}`);
  };
  const patience = { what: 'the time-skipping server', withinMs: WITHIN_MS, hopeless };
  const env = await eventually(patience, () => timeSkippingAt(`127.0.0.1:${port}`)).catch(async (error) => {
    await end();
    throw error;
  });
  const disconnect = env.teardown.bind(env);
  env.teardown = () => disconnect().finally(end);
  return env;
}

/** The SDK has no public way to a server that skips time and is running already. */
function timeSkippingAt(address: string): Promise<TestWorkflowEnvironment> {
  return TestWorkflowEnvironment['create']({ server: { type: 'existing' }, supportsTimeSkipping: true, address });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/**
 * A development server, which is a real one: its histories are those of production, and its clock is the machine's. The
 * SDK gives it 5 s to start, which a busy machine does not always manage: then another is started.
 */
export async function developmentServer(
  options: LocalTestWorkflowEnvironmentOptions['server'] = {},
): Promise<TestWorkflowEnvironment> {
  const { temporal = '' } = await ensureTools(['temporal']);
  const server = { ...options, executable: { type: 'existing-path' as const, path: temporal } };
  const patience = { what: 'a Temporal server', withinMs: WITHIN_MS };
  return await eventually(patience, () => TestWorkflowEnvironment.createLocal({ server }));
}
