export interface ActivityGeneratorSchema {
  directory: string;
  name?: string;
  importPath?: string;
  tags?: string;
  skipFormat?: boolean;
  skipPackageJson?: boolean;
}
