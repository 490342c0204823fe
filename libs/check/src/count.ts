export const count = (value: number) => Math.round(value).toLocaleString('en-US');
