import { COMMANDS } from '../../../../starter/cli/commands.ts';

test.each(COMMANDS.map((entry) => [entry.name, entry] as const))(
  'the list shows "%s" as the command is',
  async (_, entry) => {
    const command = await entry.load();
    const taken = command.registeredArguments.map((each) => (each.required ? `<${each.name()}>` : `[${each.name()}]`));
    expect([command.name(), command.description(), taken.join(' ')]).toEqual([
      entry.name,
      entry.description,
      entry.arguments ?? '',
    ]);
  },
);
