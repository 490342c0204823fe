export interface ModelFamilyGeneratorSchema {
  name: string;
  className?: string;
  kind?: 'decoder' | 'encoder';
  skipFormat?: boolean;
}
