const prefix = 'base_model.model.';

/** PEFT wraps the model twice, and its names say so. */
export const adapterName = (name: string): string => prefix + name;

/** The other way round. */
export const modelName = (name: string): string => name.slice(prefix.length);

export const loraNames = (module: string) => ({
  a: `${prefix}${module}.lora_A.weight`,
  b: `${prefix}${module}.lora_B.weight`,
});
