import { ApplicationFailure, defaultDataConverter, defaultFailureConverter, toPayloads } from '@temporalio/common';
import { runningSteps } from '../../../starter/running-steps.ts';
import { renderStatus } from '../../../starter/screen/status.ts';
import { minutesLater, waitingStatus } from '../../support/starter/statuses.ts';

const { payloadConverter } = defaultDataConverter;
const converter = { payloadConverter, failureConverter: defaultFailureConverter, payloadCodecs: [] };
const heartbeat = (said: unknown) => ({ payloads: toPayloads(payloadConverter, said) ?? [] });
const QUOTA = 'api: 2 ready and 2 updated of 6; pods "api-1" is forbidden: exceeded quota: pods';

test('a step that waits says why, in the words of its last heartbeat', async () => {
  const pending = [
    { activityType: { name: 'scaleWorkloads' }, attempt: 1, heartbeatDetails: heartbeat(QUOTA) },
    { activityType: { name: 'cutOverDns' }, attempt: 1, heartbeatDetails: heartbeat({ seen: 'old TTL', progress: 1 }) },
  ];
  expect(await runningSteps(pending, converter)).toEqual([
    { step: 'scaleWorkloads', words: QUOTA },
    { step: 'cutOverDns', words: 'old TTL' },
  ]);
});

test('a step that is tried again says why the attempt before failed', async () => {
  const failure = ApplicationFailure.retryable(
    'could not write Deployment api: 500: failed calling webhook',
    'NotReached',
  );
  const lastFailure = defaultFailureConverter.errorToFailure(failure, payloadConverter);
  const pending = [{ activityType: { name: 'scaleWorkloads' }, attempt: 3, lastFailure }];
  expect(await runningSteps(pending, converter)).toEqual([
    {
      step: 'scaleWorkloads',
      words: 'attempt 3, after: could not write Deployment api: 500: failed calling webhook',
    },
  ]);
});

test('a step without words, or with words that cannot be read, is left out', async () => {
  const unreadable = {
    payloads: [{ metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('x') }],
  };
  const pending = [
    { activityType: { name: 'observe' }, attempt: 1 },
    { activityType: { name: 'scaleWorkloads' }, attempt: 1, heartbeatDetails: unreadable },
  ];
  expect(await runningSteps(pending, converter)).toEqual([]);
});

test('the status screen has the words of running steps', () => {
  const steps = [{ step: 'scaleWorkloads', words: QUOTA }];
  const screen = renderStatus(waitingStatus({ steps }), { color: false, now: new Date(minutesLater(1)) });
  expect(screen).toContain(`running steps\n  scaleWorkloads  ${QUOTA}\n`);
});
