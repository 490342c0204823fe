export interface MethodGeneratorSchema {
  name: string;
  peftType?: string;
  learningRate?: number;
  skipFormat?: boolean;
}
