import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A TCP connection through which packets stop to come when it is cut: nobody is told. */
export class Cable implements AsyncDisposable {
  #cut = false;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => {
    const far = connect(Number(this.target.split(':')[1]), this.target.split(':')[0]);
    this.#join(near, far);
    this.#join(far, near);
  });

  private constructor(private readonly target: string) {}

  static async to(target: string): Promise<Cable> {
    const cable = new Cable(target);
    await new Promise<void>((resolve) => cable.#server.listen(0, '127.0.0.1', resolve));
    return cable;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#cut = true;
  }

  /** New connections go through again; the old ones are gone. */
  mend(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#cut = false;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => this.#cut || to.write(bytes));
    from.on('error', () => undefined);
    from.on('close', () => {
      this.#sockets.delete(from);
      if (!this.#cut) to.destroy();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
