import { Context } from '@temporalio/activity';
import { rethrow } from './rethrow.ts';

/** One try of a call may take this long to connect, and this long to answer. */
const CONNECT_MS = 2_000;
const ANSWER_MS = 5_000;

/** Tries of one call; beyond them Temporal's own retries take over, and show. */
const TRIES = 4;

/**
 * Options of every AWS client. Credentials come from the SDK's default chain: environment, shared files, web
 * identity, container or instance role.
 */
export function awsOptions(aws: { region: string; endpoint?: string | undefined }) {
  return {
    region: aws.region,
    ...(aws.endpoint === undefined ? {} : { endpoint: aws.endpoint }),
    maxAttempts: TRIES,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  };
}

interface AwsError extends Error {
  $metadata?: { httpStatusCode?: number };
}

/** What AWS answers to a caller who goes too fast, or too close behind an unfinished change. */
const SLOW_DOWN = /Throttl|TooManyRequests|RequestLimitExceeded|PriorRequestNotComplete|SlowDown/;

/**
 * One call to AWS, ended by cancellation of the activity. What AWS rejects as wrong is a refusal; throttling, faults
 * of the network and of AWS itself may pass.
 *
 * @param what completes "could not …" in the error: `read the hosted zone teei.test`
 * @throws WiringInvalid for answers 4xx, NotReached for all others
 */
export async function callAws<T>(
  what: string,
  call: (options: { abortSignal: AbortSignal }) => Promise<T>,
): Promise<T> {
  try {
    return await call({ abortSignal: Context.current().cancellationSignal });
  } catch (cause) {
    const { name } = cause as Error;
    rethrow(`could not ${what}: ${name}`, cause, isRejection(cause as AwsError));
  }
}

function isRejection({ name, $metadata }: AwsError): boolean {
  const status = $metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500 && !SLOW_DOWN.test(name);
}
