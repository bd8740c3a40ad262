import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';

/** By what the lines of a log belong together; each is left out where there is none. */
export interface LogIds {
  system?: string;
  /** `<workflow id>/<run id>` of the incident, of its first run however often it has continued as new. */
  incident?: string;
  /** `<workflow id>/<run id>`. */
  recovery?: string;
}

/** The header by which recoveries hear of their incident, and activities of both. */
const HEADER = 'lifeboat-log-ids';

/** The ids in the headers of a call; none where it has none, or none that can be read. */
export function idsIn(headers: Headers): LogIds {
  const payload = headers[HEADER];
  if (!payload) return {};
  try {
    return defaultPayloadConverter.fromPayload<LogIds>(payload);
  } catch {
    return {};
  }
}

/** Loaded by the SDK into the sandbox of each workflow: every line that it logs, and every call that it makes, has its ids. */
export function interceptors(): WorkflowInterceptors {
  let ids: LogIds = {};
  const carrying = <I extends { headers: Headers }>(input: I): I => ({
    ...input,
    headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(ids) },
  });
  return {
    inbound: [
      {
        async execute(input, next) {
          ids = { ...idsIn(input.headers), ...own(input.args[0]) };
          return await next(input);
        },
      },
    ],
    outbound: [
      {
        getLogAttributes: (input, next) => next({ ...input, ...ids }),
        scheduleActivity: (input, next) => next(carrying(input)),
        startChildWorkflowExecution: (input, next) => next(carrying(input)),
      },
    ],
  };
}

function own(input: unknown): LogIds {
  const { workflowType, workflowId, runId, firstExecutionRunId } = workflowInfo();
  const system = (input as { plan?: { system?: string } } | undefined)?.plan?.system;
  const id = workflowType === 'incident' ? `${workflowId}/${firstExecutionRunId}` : `${workflowId}/${runId}`;
  return { ...(system && { system }), [workflowType === 'incident' ? 'incident' : 'recovery']: id };
}
