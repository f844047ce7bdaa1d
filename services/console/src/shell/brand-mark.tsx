import { Group, Text } from "@mantine/core";
import { Link } from "react-router";

export function BrandMark() {
  return (
    <Link to="/" aria-label="vibe-friend, home" style={{ color: "inherit", textDecoration: "none" }}>
      <Group gap={10} wrap="nowrap">
        <img src="/favicon.svg" width={28} height={28} alt="" />
        <Text fw={650} fz={16} lts="-0.015em">
          vibe-friend
        </Text>
      </Group>
    </Link>
  );
}
