/** For file systems that take capitals for small letters: `Foo` and `foo` are different names. */
export const fileNameOf = (name: string): string =>
  name.replaceAll(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`).replaceAll('/', '+');
