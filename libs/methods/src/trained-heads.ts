import type { Hooks, Module } from '@temper/models';
import { adapterName } from './peft-names.js';
import { endsAs, refuseSharedTable } from './targets.js';

/**
 * What an adapter's training trains whole, under PEFT's names (`modules_to_save`): the task's head, what the files lack of it, and
 * the modules that the spec names.
 */
export class TrainedHeads {
  /** Names in the adapter; true: of what has a row a class. */
  private readonly names = new Map<string, boolean>();
  private readonly saved: ReadonlySet<string>;

  /** @throws TemperError SPEC_INVALID for one of two modules that share a table: an adapter to start from may name it */
  constructor(modules: readonly Module[], modulesToSave: readonly string[] = []) {
    refuseSharedTable(modules, modulesToSave);
    const named = modules.filter(({ name }) => modulesToSave.some((end) => endsAs(name, end)));
    this.saved = new Set(named.flatMap(({ name }) => [`${name}.weight`, `${name}.bias`]));
  }

  readonly trains: Hooks['trains'] = ({ name, perClass, withClasses }, made) => {
    const saved = this.saved.has(name);
    const ofHead = perClass || withClasses || made;
    if (!ofHead && !saved) return undefined;
    if (ofHead) this.names.set(adapterName(name), perClass === true);
    return adapterName(name);
  };

  /** Of a weight by its name in the adapter: is it the head's? */
  has(name: string): boolean {
    return this.names.has(name);
  }

  /** One that has a row a class. */
  isPerClass(name: string): boolean {
    return this.names.get(name) === true;
  }

  /** A module that is trained whole is not changed besides. */
  hasModule(module: string): boolean {
    return this.saved.has(`${module}.weight`) || this.names.has(adapterName(`${module}.weight`));
  }
}
