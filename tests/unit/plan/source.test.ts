import { readSource } from '../../../plan/source.ts';

test('thousands of aliases are refused at once, where they become too many', () => {
  const text = `a: &a 1\nlist:\n${'  - *a\n'.repeat(16_000)}`;
  const before = process.cpuUsage();
  const { syntax } = readSource(text, 'plan.yaml');
  // Processor time, since others may keep the machine busy; it was 23 s once.
  expect(process.cpuUsage(before).user).toBeLessThan(2_000_000);
  expect(syntax).toEqual({
    readable: false,
    problems: [expect.objectContaining({ line: 103, column: 5, message: 'more than 100 aliases' })],
  });
});

test('a document that ends with its end marker is one document', () => {
  expect(readSource('a: 1\n...\n', 'plan.yaml').syntax).toEqual({ problems: [], readable: true });
  expect(readSource('---\na: 1\n', 'plan.yaml').syntax).toEqual({ problems: [], readable: true });
});
