/** For file systems that take capitals for small letters: `Foo` and `foo` are different names. */
export const fileNameOf = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`).replaceAll('/', '+');

/** Of a Python package, with what PEP 503 takes for the same written the same. */
export const pythonNameOf = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/g, '-');
