export interface WorkerGeneratorSchema {
  directory: string;
  name?: string;
  activities?: string[];
  importPath?: string;
  tags?: string;
  skipFormat?: boolean;
  skipPackageJson?: boolean;
}
