import pino from 'pino';
import { whenAvailable } from '../../../workers/connect.ts';

const log = pino({ level: 'silent' });
const failure = (code: number) => Object.assign(new Error('Generated search attributes mapping unavailable'), { code });

describe('a Temporal that is not all there yet', () => {
  test('is asked again until it can answer', async () => {
    const answers = [failure(14), failure(14)];
    const ask = async () => {
      const error = answers.shift();
      if (error) throw error;
      return 'answered';
    };
    await expect(whenAvailable(ask, log)).resolves.toBe('answered');
    expect(answers).toEqual([]);
  });

  test('is not asked again when it refuses', async () => {
    let asked = 0;
    const ask = async () => {
      asked += 1;
      throw failure(7);
    };
    await expect(whenAvailable(ask, log)).rejects.toMatchObject({ code: 7 });
    expect(asked).toBe(1);
  });
});
