import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What a scripted server says to one command: a RESP reply, nothing at all, or undefined for the usual answer. */
export type ScriptedReply = { readonly reply: string } | "silence" | undefined;

/** A server that speaks just enough of Redis for a client to connect, and whose answers a test decides. */
export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** What INFO names; a connection that stays open is told the new one too, as behind a proxy. */
  setRunId(runId: string): void;
  setScript(script: (command: readonly string[]) => ScriptedReply): void;
  /** Commands so far, in order, as "GET a". */
  readonly heard: readonly string[];
  /** Connections that are open now. */
  connections(): number;
  /** Cuts every connection; the client comes back. */
  cutAll(): void;
  /** Cuts the oldest one. */
  cutOne(): void;
  close(): Promise<void>;
}

/** A bulk string. */
export function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

/** Starts one on loopback. GET answers with the run id. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  const heard: string[] = [];
  let runId = "run-1";
  let script: (command: readonly string[]) => ScriptedReply = () => undefined;

  function answer(command: readonly string[]): string {
    const scripted = script(command);
    if (scripted === "silence") return "";
    if (scripted !== undefined) return scripted.reply;
    switch (command[0]?.toUpperCase()) {
      case "PING":
        return "+PONG\r\n";
      case "INFO":
        return bulk(
          `run_id:${runId}\r\nloading:0\r\nrole:master\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n`,
        );
      case "GET":
        return bulk(runId);
      default:
        return "+OK\r\n";
    }
  }

  const server = createServer((socket) => {
    sockets.add(socket);
    let rest = "";
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (chunk) => {
      const { commands, left } = readCommands(rest + chunk.toString("latin1"));
      rest = left;
      for (const command of commands) {
        heard.push(command.join(" "));
        socket.write(answer(command));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    setRunId: (next) => {
      runId = next;
    },
    setScript: (next) => {
      script = next;
    },
    heard,
    connections: () => sockets.size,
    cutAll() {
      for (const socket of sockets) socket.destroy();
    },
    cutOne() {
      for (const socket of [...sockets].slice(0, 1)) socket.destroy();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function readCommands(text: string): { commands: string[][]; left: string } {
  const commands: string[][] = [];
  let left = text;
  for (;;) {
    const count = /^\*(\d+)\r\n/.exec(left);
    if (count === null) return { commands, left };
    let rest = left.slice(count[0].length);
    const words: string[] = [];
    for (let word = 0; word < Number(count[1]); word += 1) {
      const size = /^\$(\d+)\r\n/.exec(rest);
      const end = size === null ? Infinity : size[0].length + Number(size[1]);
      if (size === null || rest.length < end + 2) return { commands, left };
      words.push(rest.slice(size[0].length, end));
      rest = rest.slice(end + 2);
    }
    commands.push(words);
    left = rest;
  }
}
