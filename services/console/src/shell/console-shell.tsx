import { Group, VisuallyHidden } from "@mantine/core";
import { NavLink, Outlet } from "react-router";
import { AnnouncementBanner } from "../inbox/announcement-banner";
import { InboxBell } from "../inbox/inbox-bell";
import { BrandMark } from "./brand-mark";
import { ColorSchemeToggle } from "./color-scheme-toggle";
import classes from "./console-shell.module.css";
import { SystemBanner } from "./system-banner";
import { UserMenu } from "./user-menu";

/** Header, banner and the page below them. */
export function ConsoleShell() {
  return (
    <div className={classes.shell}>
      <a className={classes.skip} href="#main">
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <BrandMark />
          <nav className={classes.nav} aria-label="Main">
            <NavLink to="/" end className={classes.link}>
              New
            </NavLink>
            <NavLink to="/history" className={classes.link}>
              History
            </NavLink>
          </nav>
          <Group gap={6} wrap="nowrap">
            <InboxBell />
            <ColorSchemeToggle />
            <UserMenu />
          </Group>
        </div>
      </header>
      <SystemBanner />
      <AnnouncementBanner />
      <main className={classes.main} id="main" tabIndex={-1}>
        <VisuallyHidden component="p">vibe-friend console</VisuallyHidden>
        <Outlet />
      </main>
    </div>
  );
}
