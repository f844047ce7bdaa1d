import { createServer, type AddressInfo, type Server } from "node:net";
import { connectDatabase } from "./data-source";

/** One message of Postgres' protocol. */
function message(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const signedIn = message("R", Buffer.alloc(4));
const ready = message("Z", Buffer.from("I"));
const shuttingDown = message(
  "E",
  Buffer.from("SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"),
);

let server: Server;
beforeEach(async () => {
  // A server that is stopped the moment somebody has signed in: both come in one piece.
  server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.concat([signedIn, ready, shuttingDown])));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

it("outlives a server that ends a connection between signing in and the first question", async () => {
  const { port } = server.address() as AddressInfo;
  const database = await connectDatabase({
    url: `postgres://somebody:secret@127.0.0.1:${port}/some`,
    applicationName: "test",
  });
  try {
    await expect(database.query("select 1")).rejects.toMatchObject({ name: "DatabaseUnavailable" });
  } finally {
    await database.close();
  }
});
