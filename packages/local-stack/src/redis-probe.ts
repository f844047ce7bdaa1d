import { connect } from "node:net";

const deadlineMs = 1_000;

/**
 * Asks a Redis for PONG with nothing but a socket.
 *
 * @returns false when it refuses, hangs for a second, is still loading, or doesn't take the password
 */
export function isRedisReady(port: number, password: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    let answer = "";
    const finish = (ready: boolean): void => {
      socket.destroy();
      resolve(ready);
    };
    socket.setTimeout(deadlineMs, () => {
      finish(false);
    });
    socket.on("error", () => {
      finish(false);
    });
    socket.on("close", () => {
      finish(false);
    });
    socket.on("connect", () => {
      socket.write(`${password === "" ? "" : `AUTH ${password}\r\n`}PING\r\n`);
    });
    socket.on("data", (chunk) => {
      answer += chunk.toString("latin1");
      if (answer.includes("+PONG\r\n")) finish(true);
      else if (/^-/m.test(answer)) finish(false);
    });
  });
}
