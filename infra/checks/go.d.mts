export function hasGo(): boolean;
export function goProgram(name: string): string;
export function goModule(name: string): string;
