import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openHttpConnection, parseAnswer } from "./http-client";

it("waits until the whole answer is there", () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n";
  expect(parseAnswer(head)).toBeUndefined();
  expect(parseAnswer(`${head}\r\nab`)).toBeUndefined();
  expect(parseAnswer(`${head}\r\nabcd`)).toMatchObject({ status: 200, body: "abcd" });
  expect(parseAnswer("HTTP/1.1 204 No Content\r\n\r\n")).toMatchObject({ status: 204, body: "" });
});

it("sends one request after the other on one connection", async () => {
  const server = createServer((request, response) => {
    const body = `${request.url ?? ""} ${request.headers.cookie ?? ""}`;
    response.setHeader("Content-Length", body.length).end(body);
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const connection = await openHttpConnection((server.address() as AddressInfo).port);
  for (const path of ["/a", "/b"]) {
    const answer = await connection.send(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: id=1\r\n\r\n`);
    expect(answer).toMatchObject({ status: 200, body: `${path} id=1` });
  }
  server.closeAllConnections();
  const late = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  await expect(connection.send(late)).rejects.toThrow();
  await expect(connection.send(late)).rejects.toThrow("the connection was closed");
  server.close();
});
