/** A WebSocket whose other end is the test. */
export class FakeSocket {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** What the page wrote, oldest first. */
  readonly written: Record<string, unknown>[] = [];

  send(text: string): void {
    this.written.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  hear(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  end(code: number): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.({ code });
  }

  of(type: string): Record<string, unknown>[] {
    return this.written.filter((frame) => frame.type === type);
  }

  asSocket(): WebSocket {
    return this as unknown as WebSocket;
  }
}
