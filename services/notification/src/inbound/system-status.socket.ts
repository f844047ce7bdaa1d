import { describeSystem } from "../domain/describe-system";
import type { RoleView } from "../domain/ports";
import type { LiveServer } from "./socket-server";

/** Every browser hears how its node is doing: at once, and at every change. */
export function announceSystemStatus(
  io: LiveServer,
  roles: { readonly state: RoleView; readonly cache: RoleView },
): { stop(): void } {
  io.on("connection", (socket) => {
    socket.emit("system:status", describeSystem(roles));
  });
  const announce = () => {
    io.local.emit("system:status", describeSystem(roles));
  };
  const stops = [roles.state.onChange(announce), roles.cache.onChange(announce)];
  return {
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}
