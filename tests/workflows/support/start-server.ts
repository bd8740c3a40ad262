import { type LocalTestWorkflowEnvironmentOptions, TestWorkflowEnvironment } from '@temporalio/testing';
import { eventually } from '../../../lab/eventually.ts';
import { ensureTools, temporalTestServer } from '../../../lab/setup/index.ts';

/** The SDK gives a server 5 s to start, which a busy machine does not always manage: then another is started. */
const started = (start: () => Promise<TestWorkflowEnvironment>) =>
  eventually({ what: 'a Temporal server', withinMs: 45_000 }, start);

const existing = (path: string) => ({ executable: { type: 'existing-path' as const, path } });

/** The server whose clock can be moved. */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  const server = existing(await temporalTestServer());
  return await started(() => TestWorkflowEnvironment.createTimeSkipping({ server }));
}

/** A development server, which is a real one: its histories are those of production, and its clock is the machine's. */
export async function developmentServer(
  options: LocalTestWorkflowEnvironmentOptions['server'] = {},
): Promise<TestWorkflowEnvironment> {
  const { temporal = '' } = await ensureTools(['temporal']);
  const server = { ...options, ...existing(temporal) };
  return await started(() => TestWorkflowEnvironment.createLocal({ server }));
}
