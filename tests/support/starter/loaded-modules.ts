import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** With `--import`: writes the modules that a process loads to the file that `LOADED_MODULES` names, when it ends. */
const loaded: string[] = [];
registerHooks({
  load(url, context, next) {
    loaded.push(url);
    return next(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env['LOADED_MODULES'] as string, loaded.join('\n')));
