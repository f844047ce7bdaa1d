import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { BrandMark } from "../shell/brand-mark";
import classes from "./entrance.module.css";

/** The frame of every page that one sees before signing in. */
export function Entrance(props: { title: string; subtitle: string; children: ReactNode }) {
  return (
    <div className={classes.page}>
      <main className={classes.form}>
        <BrandMark />
        <div className={classes.inner}>
          <Stack gap={6} mb={28}>
            <Title order={1} fz={26} lts="-0.02em">
              {props.title}
            </Title>
            <Text c="dimmed">{props.subtitle}</Text>
          </Stack>
          {props.children}
        </div>
      </main>
      <aside className={classes.aside} aria-hidden="true">
        <p className={classes.claim}>Describe a service. Watch it being written, file by file.</p>
        <div className={classes.window}>
          <div className={classes.windowBar}>
            <b>src/books/book.entity.ts</b> 62 %
          </div>
          <pre className={classes.code}>
            <i>@Entity</i>({"{ "}name: <u>"books"</u>
            {" })\n"}
            <i>export class</i>
            {" Book {\n  "}
            <i>@PrimaryGeneratedColumn</i>(<u>"uuid"</u>
            {")\n  id!: string;\n\n  "}
            <i>@Column</i>({"{ "}unique: <i>true</i>
            {" })\n  isbn!: string;\n\n  "}
            <i>@ManyToOne</i>
            {"(() => Author, (author) => author.books)\n  author!: Auth"}
            <span className={classes.caret} />
          </pre>
        </div>
      </aside>
    </div>
  );
}
