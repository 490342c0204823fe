import { TemperError } from '@temper/contracts';

/** An artifact's path stays inside the folder it is put in: relative, `/` only, no `.` or `..` part. */
export function checkArtifactPath(path: string): void {
  const parts = path.split('/');
  const inside = !/[\\\0]/.test(path) && parts.every((part) => part !== '' && part !== '.' && part !== '..');
  if (inside) return;
  throw new TemperError('DATA_INVALID', {
    path,
    message: 'not a path that an artifact may hold',
    allowed: 'a relative path such as model/config.json',
  });
}
