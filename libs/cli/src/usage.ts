import { type Problem } from '@temper/contracts';
import { fieldCalled } from '@temper/spec';
import type { Command } from 'commander';
import { reportFailure, usageError } from './failure.js';
import type { WrongUsage } from './program.js';

/** Words for the same thing elsewhere, and the command that does it here. */
const elsewhere: Readonly<Record<string, string>> = {
  ...words('temper run SPEC', 'train finetune fine-tune fit sft lora launch'),
  ...words('temper run SPEC --check', 'check validate lint dry-run'),
  ...words('temper predict MODEL TEXT', 'infer inference generate chat test serve'),
  ...words('temper models export MODEL FOLDER', 'export save download push upload'),
  ...words('temper models export MODEL FOLDER --format merged', 'merge'),
  ...words('temper runs list', 'list ls ps status jobs'),
  ...words('temper runs show ID', 'show describe report'),
  ...words('temper runs logs ID', 'logs log'),
  ...words('temper runs watch ID', 'watch follow'),
  ...words('temper runs cancel ID', 'cancel kill'),
  ...words('temper runs retry ID', 'retry resume continue'),
  ...words('temper up', 'start server init'),
  ...words('temper down', 'stop'),
  ...words('temper schedule create SPEC --cron EXPRESSION', 'cron'),
  ...words('temper sweep SPEC', 'tune hpo'),
};

function words(command: string, names: string): Record<string, string> {
  return Object.fromEntries(names.split(' ').map((name) => [name, command]));
}

/** Prints what does not fit a command, and what does; with `--json` as JSON too. */
export function reportUsage({ command, cause }: WrongUsage, argv: readonly string[]): number {
  const [said = '', suggestion] = cause.message.replace(/^error: /, '').split('\n');
  const near = /^\(D(id you mean .*\?)\)$/.exec(suggestion ?? '')?.[1];
  const help = helpFor(cause.code, said, command, argv);
  const hint = help.hint ?? (near && `d${near}`);
  const error = usageError(pathOf(command), said, { ...help, ...(hint ? { hint } : {}) });
  return reportFailure(error, argv.includes('--json'));
}

function helpFor(
  code: string,
  said: string,
  command: Command,
  argv: readonly string[],
): Pick<Problem, 'allowed' | 'hint'> {
  const name = /'(.*)'/.exec(said)?.[1] ?? '';
  switch (code) {
    case 'commander.unknownCommand': {
      const here = Object.hasOwn(elsewhere, name) && !command.parent ? elsewhere[name] : undefined;
      const allowed = command.commands.map((sub) => sub.name()).join(', ');
      return here ? { hint: `here: ${here}` } : { allowed };
    }
    case 'commander.unknownOption':
      return optionHelp(name.replace(/^-+|=.*$/g, ''), command);
    case 'commander.excessArguments': {
      const settings = argv.some((word) => /^[\w.]+=/.test(word));
      return settings && takes(command, '--set')
        ? { hint: 'each setting has its own --set: --set PATH=VALUE --set PATH=VALUE' }
        : { allowed: usageOf(command) };
    }
    case 'commander.missingArgument':
      return { allowed: usageOf(command) };
    default:
      return {};
  }
}

function optionHelp(name: string, command: Command): Pick<Problem, 'hint'> {
  if (takes(command, '--check') && /^(dry-?run|validate|plan)$/.test(name)) return { hint: 'here: --check' };
  if (!takes(command, '--set')) return {};
  const field = /^[a-z]+\.[\w.]+$/i.test(name) ? name : fieldCalled(name);
  return field ? { hint: `a field of the spec: --set ${field}=VALUE` } : {};
}

const takes = (command: Command, option: string) => command.options.some(({ long }) => long === option);

/** `temper runs show` */
function pathOf(command: Command): string {
  const parent = command.parent ? `${pathOf(command.parent)} ` : '';
  return parent + command.name();
}

const usageOf = (command: Command) => `${pathOf(command)} ${command.usage()}`;
